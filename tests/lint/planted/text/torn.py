# Planted: not Python.
def f(:
    pass
