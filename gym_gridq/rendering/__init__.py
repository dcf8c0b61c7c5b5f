"""The drawing of the world. The only package that imports pygame, and only when something is first drawn.

- Plain NumPy: `overlay` (what to lay over the board), `geometry`, `palette`, `numerals`, `language` (every
  word), `text` (the board in characters), `tables` (for notebooks).
- Pixels without a screen: `scene` puts a frame together out of `layers`, `triangles`, `sprites` and `status`,
  on a `canvas`.
- A screen: `windows`.

`renderer` chooses among text, frames and a window.
"""

from gym_gridq.rendering.overlay import Overlay
from gym_gridq.rendering.renderer import Renderer

__all__ = ["Overlay", "Renderer"]
