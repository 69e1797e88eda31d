# 103: a halt during a shutdown kills what is left at once; another one has nothing to add.
[worker:a]
command = a
[worker:b]
command = b
---
at 0s start                          | spawn a/0 gen 1
                                     | a/0 gen 1: DOWN -> STARTING (start)
                                     | spawn b/0 gen 1
                                     | b/0 gen 1: DOWN -> STARTING (start)
at 0s slots a/0 1                    | a/0 gen 1: STARTING -> UP (ready after 0ms)
at 0s call client/1 pool a           | client/1: to a/0 gen 1, attempt 1
at 1s shutdown                       | shut
                                     | end channel b/0
                                     | signal b/0 TERM
                                     | b/0 gen 1: STARTING -> STOPPING (brood ends), SIGTERM sent
                                     | a/0 gen 1: UP -> DRAINING (brood ends)
at 2s halt                           | kill b/0
                                     | b/0 gen 1: STOPPING -> KILLING (brood ends)
                                     | kill a/0
                                     | a/0 gen 1: DRAINING -> KILLING (brood ends)
at 2s halt
at 2.1s exit b/0 signal 9            | b/0 gen 1: KILLING -> DOWN (signal 9 KILL, ran 2.1s)
at 2.1s exit a/0 signal 9            | client/1: answered WORKER_CRASHED (a/0 ended while it had this call: signal 9 KILL (attempt 1, it may have run))
                                     | a/0 gen 1: KILLING -> DOWN (signal 9 KILL, ran 2.1s), 1 call in hand lost
                                     | finished
