"""Nothing: the roll is not drawn by OpenGL, which is slower here and needs two more libraries."""
