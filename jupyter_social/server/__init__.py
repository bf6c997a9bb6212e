"""The course over HTTP: the door through which browsers and other programs come in.

`extension` plugs into a Jupyter server, `routes` serves the operation table there, and
`operator_door` serves the same table to whoever runs the machine. None of it decides anything: who
may do what is settled in the application, inside the transaction of the act.
"""
