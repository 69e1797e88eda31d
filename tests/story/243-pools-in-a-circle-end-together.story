# 243: of pools that call each other in a circle none waits for the other at the end of everything.
[worker:a]
command = a
calls = b
[worker:b]
command = b
calls = a
---
at 0ms start                         | spawn a/0 gen 1
                                     | a/0 gen 1: DOWN -> STARTING (start)
                                     | spawn b/0 gen 1
                                     | b/0 gen 1: DOWN -> STARTING (start)
at 1ms slots a/0 1                   | a/0 gen 1: STARTING -> UP (ready after 1ms)
at 2ms slots b/0 1                   | b/0 gen 1: STARTING -> UP (ready after 2ms)
at 3ms shutdown                      | shut
                                     | b/0 gen 1: UP -> DRAINING (brood ends)
                                     | end channel b/0
                                     | signal b/0 TERM
                                     | b/0 gen 1: DRAINING -> STOPPING (nothing in hand), SIGTERM sent
                                     | a/0 gen 1: UP -> DRAINING (brood ends)
                                     | end channel a/0
                                     | signal a/0 TERM
                                     | a/0 gen 1: DRAINING -> STOPPING (nothing in hand), SIGTERM sent
at 4ms exit a/0 code 0               | a/0 gen 1: STOPPING -> DOWN (exit 0, ran 4ms)
at 5ms exit b/0 code 0               | b/0 gen 1: STOPPING -> DOWN (exit 0, ran 5ms)
                                     | finished
