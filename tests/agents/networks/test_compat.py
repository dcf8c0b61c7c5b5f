"""DeZero from PyPI, brought in on the NumPy that is installed, in fresh interpreters."""

import os
import subprocess
import sys

import pytest


def run(code: str, *options: str, **environment: str) -> str:
    """Run `code` in a new interpreter, which has nothing to complain about; returns what it printed."""
    command = [sys.executable, *options, "-c", code]
    environment = {**os.environ, **environment}
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    assert done.stderr == ""
    return done.stdout


def test_dezero_works_and_the_alias_is_gone():
    printed = run(
        "from agents.networks.compat import dezero\n"
        "import numpy as np\n"
        "x = dezero.Variable(np.array([2.0, 3.0]))\n"
        "dezero.functions.sum(x**2).backward()\n"
        "print(x.grad.data.tolist(), 'int' in vars(np), hasattr(np, 'int'))"
    )
    assert printed == "[4.0, 6.0] False False\n"


def test_an_alias_that_somebody_else_set_is_left_alone():
    assert (
        run("import numpy as np; np.int = int; import agents.networks.compat; print(np.int is int)")
        == "True\n"
    )


def test_the_import_leaves_matplotlib_for_later():
    printed = run(
        "import agents.networks.compat, sys\n"
        "print([name for name in sys.modules if name.startswith('matplotlib')])\n"
        "import matplotlib\n"
        "matplotlib.use('agg')\n"
        "import matplotlib.pyplot as plt\n"
        "from agents.networks.compat import dezero\n"
        "print(hasattr(matplotlib, 'rcParams'), dezero.datasets.plt.figure is plt.figure)"
    )
    assert printed == "[]\nTrue True\n"


@pytest.mark.parametrize("first", ["import matplotlib.pyplot", "import matplotlib"])
def test_a_matplotlib_that_is_already_there_is_used(first):
    code = f"{first}\nfrom agents.networks.compat import dezero\nprint(type(dezero.datasets.plt).__name__)"
    assert run(code) == "module\n"


def test_a_failed_plain_import_before_ours_does_no_harm():
    printed = run(
        "import sys\n"
        "try:\n"
        "    import dezero\n"
        "except AttributeError as error:\n"
        "    print(error.name)\n"
        "from agents.networks.compat import dezero\n"
        "print(dezero.functions.relu is sys.modules['dezero.functions'].relu)"
    )
    assert printed.splitlines()[-1] == "True"


@pytest.mark.parametrize("options", [[], ["-W", "error"]], ids=str)
def test_sources_that_nothing_has_compiled_yet_do_not_warn(tmp_path, options):
    printed = run(
        "import agents, sys, warnings\n"
        "assert 'dezero' not in sys.modules\n"
        "filters = list(warnings.filters)\n"
        "from agents.networks.compat import dezero\n"
        "print(dezero.__name__, warnings.filters == filters)",
        *options,
        PYTHONPYCACHEPREFIX=str(tmp_path),
    )
    assert printed == "dezero True\n"
