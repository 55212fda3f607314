"""An emulator to talk to, a server for its webhooks, and what the tests say about both."""

import contextlib
import os
import queue
import re
import subprocess
import threading
from collections import defaultdict
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl

import pytest
import requests
from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

ROOT = Path(__file__).resolve().parents[5]
BINARY = ROOT / os.environ.get("EMULATOR", "target/debug/emulator")
ACCOUNT_SID = "AC00000000000000000000000000000001"
AUTH_TOKEN = "emulator-auth-token"
SECONDS = 10

NOW = datetime(2030, 1, 1, tzinfo=timezone.utc)
MANUAL_CLOCK = ["--clock", "manual", "--now", "2030-01-01T00:00:00Z"]

ALICE, BOB, CAROL, DAVE = (f"+1415555000{digit}" for digit in range(1, 5))
P1, P2, P3 = (f"+1415555900{digit}" for digit in range(1, 4))
LONDONER, LONDON = "+447700900001", "+442079460001"


class Emulator:
    """A process of its own, at a free port."""

    def __init__(self, *flags):
        # What it logs goes to the standard error of whichever test runs.
        self.process = subprocess.Popen(
            [BINARY, "--listen", "127.0.0.1:0", *flags],
            stdout=subprocess.PIPE,
            text=True,
            env={"EMULATOR_LOG": "warn", **os.environ},
        )
        too_late = threading.Timer(SECONDS, self.process.kill)
        too_late.start()
        line = self.process.stdout.readline()
        too_late.cancel()
        listening = re.search(r"listening on (http://127\.0\.0\.1:\d+)", line)
        if not listening:
            self.stop()
            raise RuntimeError(f"the emulator's first line is {line!r}")
        self.url = listening[1]
        self.http = requests.Session()

    def stop(self):
        self.process.kill()
        self.process.wait(SECONDS)
        self.process.stdout.close()

    def client(self, username=ACCOUNT_SID, password=AUTH_TOKEN):
        client = Client(username, password, http_client=TwilioHttpClient(timeout=SECONDS))
        client.proxy.base_url = self.url
        return client

    def control(self, method, path, body=None, status=200):
        """What the control plane answers, which is to be with this status."""
        response = self.http.request(
            method, f"{self.url}/_emulator/{path}", json=body, auth=(ACCOUNT_SID, AUTH_TOKEN), timeout=2 * SECONDS
        )
        assert response.status_code == status, response.text
        return response.json() if response.content else None

    def reset(self):
        self.control("POST", "reset", status=204)

    def advance(self, seconds):
        self.control("POST", "clock", {"advance_seconds": seconds})

    def own(self, phone_number, **described):
        return self.control("POST", "numbers", {"phone_number": phone_number, **described}, status=201)

    def call(self, caller, to, **more):
        return self.control("POST", "calls", {"from": caller, "to": to, **more})

    def write(self, sender, to, body, **more):
        return self.control("POST", "messages", {"from": sender, "to": to, "body": body, **more})

    def report(self, interaction_sid, **report):
        return self.control("POST", f"interactions/{interaction_sid}", report)

    def events(self, kind=None):
        """What has arisen since the last reset."""
        events = self.control("GET", "events")["events"]
        return [event for event in events if event["type"] != "reset" and kind in (None, event["type"])]

    def notifications(self):
        return [event["code"] for event in self.events("notification")]


class Webhook:
    def __init__(self, url, body, headers):
        self.url = url
        self.pairs = parse_qsl(body, keep_blank_values=True, strict_parsing=True)
        self.form = dict(self.pairs)
        self.content_type = headers["Content-Type"]
        self.signature = headers["X-Twilio-Signature"]


class WebhookServer:
    """Keeps the requests that come in, by path, and answers them as `answers` says, once `before` has been done."""

    def __init__(self):
        self.answers, self.before = {}, {}
        self.received = defaultdict(queue.Queue)
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                path = self.path.split("?")[0].strip("/")
                outer.received[path].put(Webhook(f"http://{self.headers['Host']}{self.path}", body, self.headers))
                outer.before.get(path, lambda: None)()
                status, content_type, text = outer.answers.get(path, (200, "text/plain", ""))
                self.send_response(status)
                if status in range(300, 400):
                    self.send_header("Location", outer.url("elsewhere"))
                self.send_header("Content-Type", content_type)
                self.send_header("Content-Length", str(len(text.encode())))
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, args=[0.01], daemon=True).start()

    def url(self, path):
        return f"http://127.0.0.1:{self.server.server_port}/{path}"

    def take(self, path):
        """The next request to this path."""
        return self.received[path].get(timeout=SECONDS)

    def count(self, path):
        return self.received[path].qsize()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


class SidOf:
    """Equal to every SID with this prefix."""

    def __init__(self, prefix):
        self.pattern = prefix + "[0-9a-f]{32}"

    def __eq__(self, other):
        return isinstance(other, str) and re.fullmatch(self.pattern, other) is not None

    def __repr__(self):
        return f"<{self.pattern}>"


def after(seconds):
    return NOW + timedelta(seconds=seconds)


def fields(instance):
    """All that the library has read from the answer."""
    return {name: value for name, value in vars(instance).items() if not name.startswith("_")}


def sids(instances):
    return [instance.sid for instance in instances]


def eventually(condition):
    """Waits until what is done in the background has come to this."""
    for _ in range(SECONDS * 50):
        if condition():
            return
        threading.Event().wait(0.02)
    raise AssertionError("it has not come to this")


@contextlib.contextmanager
def refused(code, status=400, message=""):
    with pytest.raises(TwilioRestException) as caught:
        yield
    assert (caught.value.code, caught.value.status) == (code, status), caught.value
    assert message in caught.value.msg
