"""The drawing of the world. The only package that imports pygame, and only when something is first drawn.

`overlay`, `geometry`, `palette` and `text` are plain NumPy; `scene` and what it is made of (`backdrop`,
`board`, `layers`, `triangles`, `sprites`, `labels`) draw pixels without a screen; `view` and `window` need
one. `language` has every word.
"""

from gym_gridq.rendering.overlay import Overlay
from gym_gridq.rendering.renderer import Renderer

__all__ = ["Overlay", "Renderer"]
