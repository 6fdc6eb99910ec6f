"""`python -m sim` is `parley`."""

from sim.cli import program

if __name__ == "__main__":
    program()
