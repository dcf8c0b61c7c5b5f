"""The drawing of the world. The only package that imports pygame, and only when something is first drawn.

- Plain NumPy: `overlay` (what to lay over the board), `geometry`, `palette`, `numerals`, `language` (every
  word), `text` (the board in characters), `tables` (of notebooks), `controls` (the keys).
- Pixels without a screen: `scene` puts a frame together out of `layers`, `triangles` and `sprites`, on a
  `canvas`; `panels` and `curves` are what stands around it.
- A screen: `window` knows the desktop, `interactive_window` adds pauses, keys and clicks, whatever it shows,
  and `grid_window` shows boards in it.

`renderer` chooses among text, frames and a window.
"""

from gym_gridq.rendering.overlay import Overlay
from gym_gridq.rendering.renderer import Renderer

__all__ = ["Overlay", "Renderer"]
