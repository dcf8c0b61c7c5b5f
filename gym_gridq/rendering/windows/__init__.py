"""What needs a screen, from the ground up.

`window` knows the desktop and `interactive_window` adds pauses, `controls` and `panels`, whatever it shows;
`frame_window` shows frames in it, `grid_window` boards, and `play_window` a board to play on and to edit.
"""
