"""What an editor shows of a policy: values of the Language Server Protocol, made of texts, examinations and tables.

Every function here is a function of its arguments and needs no running server. Positions are those of the protocol:
lines and units of a line count from 0, and the unit is what client and server agreed upon.
"""
