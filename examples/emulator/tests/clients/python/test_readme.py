"""What the README shows runs as it stands, but for the port."""

import re
import subprocess
import sys

from harness import ROOT, SECONDS

README = ROOT / "examples/emulator/README.md"


def test_the_python_of_the_readme_runs(start):
    [code] = re.findall(r"^```python\n(.*?)^```$", README.read_text(), re.DOTALL | re.MULTILINE)
    assert "http://127.0.0.1:8080" in code
    code = code.replace("http://127.0.0.1:8080", start().url)
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=2 * SECONDS, check=False)
    assert run.returncode == 0, run.stderr
    assert run.stdout.splitlines() == ["+12125550101 sees +14155559001", "+12125550102 sees +14155559001"]
