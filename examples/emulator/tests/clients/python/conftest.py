import pytest

from harness import MANUAL_CLOCK, P1, P2, Emulator, WebhookServer


@pytest.fixture(scope="session")
def shared_emulator():
    emulator = Emulator(*MANUAL_CLOCK)
    yield emulator
    emulator.stop()


@pytest.fixture
def emulator(shared_emulator):
    shared_emulator.reset()
    return shared_emulator


@pytest.fixture
def start():
    """Starts emulators with flags of their own."""
    started = []

    def start(*flags):
        started.append(Emulator(*flags))
        return started[-1]

    yield start
    for emulator in started:
        emulator.stop()


@pytest.fixture
def client(emulator):
    return emulator.client()


@pytest.fixture
def services(client):
    return client.proxy.v1.services


@pytest.fixture
def rides(services):
    """A service with two numbers."""
    rides = services.create(unique_name="rides")
    for number in [P1, P2]:
        rides.phone_numbers.create(phone_number=number)
    return rides


@pytest.fixture
def webhooks():
    server = WebhookServer()
    yield server
    server.stop()
