# judge.py: what unchanged programs said of our library. Each judge adds a line (program, role,
# mechanism, flags, result), and the run ends with the table of them.


class Verdicts:
    """The lines of a run, in the order in which they were seen."""

    HEAD = ("program", "role", "mechanism", "flags", "result")

    def __init__(self):
        self.rows = []

    def add(self, program, role, mechanism, flags, result):
        """judged("curl 7.88", "initiator, MIT's KDC", "SPNEGO", "mutual", "200, as alice")"""
        row = tuple(" ".join(str(cell).split()) for cell in (program, role, mechanism, flags, result))
        if row not in self.rows:
            self.rows.append(row)

    def table(self):
        rows = [self.HEAD, *self.rows]
        widths = [max(len(row[i]) for row in rows) for i in range(len(self.HEAD))]
        return ["  ".join(f"{cell:{width}}" for cell, width in zip(row, widths)).rstrip() for row in rows]


VERDICTS = Verdicts()
