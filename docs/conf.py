"""How the documentation is built: `make docs`."""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path

import tomllib

DOCS = Path(__file__).parent
sys.path.insert(0, str(DOCS.parent))

# The pages are executed in kernels of their own; they see this checkout, no display, and our plot style.
os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(DOCS.parent), os.environ.get("PYTHONPATH")]))
os.environ["MATPLOTLIBRC"] = str(DOCS / "matplotlibrc")
os.environ.setdefault("SDL_VIDEODRIVER", "dummy")
os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
os.environ.setdefault("PYDEVD_DISABLE_FILE_VALIDATION", "1")

# A word from the kernel about its transport is no concern of the page's.
ipython = DOCS / "_build" / "ipython" / "profile_default"
ipython.mkdir(parents=True, exist_ok=True)
(ipython / "ipython_kernel_config.py").write_text("c.IPKernelApp.log_level = 'ERROR'\n")
os.environ["IPYTHONDIR"] = str(ipython.parent)
logging.getLogger("traitlets").setLevel(logging.WARNING)  # nor is which kernel runs next

project = "GridQ"
author = "The GridQ maintainers"
copyright = "The GridQ maintainers, MIT licence"
html_title = "GridQ"
language = "en"

# The addresses of the project have one home; while it holds none, the site shows none.
urls = tomllib.loads((DOCS.parent / "pyproject.toml").read_text("utf-8"))["project"].get("urls", {})
html_baseurl = urls.get("Documentation", "")
html_context = {"repository": urls.get("Repository")}

extensions = [
    "myst_nb",
    "sphinx_copybutton",
    "docs._ext.shared_cells",
    "docs._ext.notebooks",
    "docs._ext.languages",
    "docs._ext.search",
    "docs._ext.surroundings",
    "docs._ext.mathml",
    "docs._ext.playground",
]
exclude_patterns = ["_build", "_ext"]
templates_path = ["_templates"]

myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 4

# A cell that fails, or writes to stderr, fails the build.
nb_execution_mode = "force"
nb_execution_raise_on_error = True
nb_execution_timeout = 600  # a cell takes seconds; on a busy machine, minutes
nb_output_stderr = "warn"
nb_merge_streams = True
nb_code_prompt_show = "Show the answer"
nb_code_prompt_hide = "Hide the answer"

html_math_renderer = "mathml"
html_theme = "furo"
html_static_path = ["_static"]
html_css_files = ["gridq.css"]
# Sphinx asks for the folder before anything is written there.
(DOCS / "_build" / "extra").mkdir(parents=True, exist_ok=True)
html_extra_path = ["_build/extra"]  # the tutorial as notebooks, written by docs._ext.notebooks
html_favicon = "_static/favicon.svg"
html_copy_source = False
html_use_index = False  # the reference lists its names by itself
html_show_sourcelink = False
html_search_language = "en"
html_theme_options = {
    "light_css_variables": {"color-brand-primary": "#0b6e99", "color-brand-content": "#0b6e99"},
    "dark_css_variables": {"color-brand-primary": "#6cc4ee", "color-brand-content": "#6cc4ee"},
}
if "Repository" in urls:  # where a page is edited
    html_theme_options |= {
        "source_repository": urls["Repository"],
        "source_branch": "main",
        "source_directory": "docs/",
    }

# What is typed gets a button that copies it; what is printed does not.
copybutton_selector = ", ".join(
    f"div.highlight-{name} pre" for name in ("python", "ipython3", "bash", "sh", "default")
)
