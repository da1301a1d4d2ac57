"""Records that are a part of an act which others tell: no act of their own, but evidence of it.

An act has in `whole` the JSON `{"together": NAME}` where others may be parts of it, and `{"part_of": NAME}` where it is a
part: a consent that gives an application its scopes also assigns the application to who consented. A part without its
act stays one. Corrects the temporary tables `told` and `told_records`.
"""

import sqlite3


def settle_parts(connection: sqlite3.Connection) -> None:
    """Take parts for evidence of the acts that they are parts of."""
    connection.execute("DROP TABLE IF EXISTS temp.parts")
    connection.execute(
        """CREATE TEMP TABLE parts AS
           SELECT w.act AS whole, p.act AS part, p.record_id FROM (
             SELECT DISTINCT act, json_extract(whole, '$.together') AS name FROM acts WHERE whole LIKE '{"together":%') w
           JOIN (SELECT act, record_id, json_extract(whole, '$.part_of') AS name FROM acts WHERE whole LIKE '{"part_of":%') p
             ON p.name = w.name
           JOIN told t ON t.id = w.act AND t.outcome = 'success'
           JOIN told o ON o.id = p.act AND o.outcome = 'success'"""
    )
    connection.execute("INSERT INTO told_records SELECT DISTINCT whole, record_id FROM parts")
    connection.execute("DELETE FROM told WHERE id IN (SELECT part FROM parts)")
