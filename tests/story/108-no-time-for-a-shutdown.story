# 108: with shutdown_timeout and stop_timeout of 0ms nobody is waited for.
[brood]
shutdown_timeout = 0ms
[worker:a]
command = a
stop_timeout = 0ms
---
at 0s start                          | spawn a/0 gen 1
                                     | a/0 gen 1: DOWN -> STARTING (start)
at 0s slots a/0 1                    | a/0 gen 1: STARTING -> UP (ready after 0ms)
at 1s stop a                         | a/0 gen 1: UP -> DRAINING (on command)
                                     | end channel a/0
                                     | signal a/0 TERM
                                     | a/0 gen 1: DRAINING -> STOPPING (nothing in hand), SIGTERM sent
                                     | kill a/0
                                     | a/0 gen 1: STOPPING -> KILLING (stop_timeout passed)
at 1s start a
at 2s exit a/0 signal 9              | spawn a/0 gen 2
                                     | a/0 gen 2: KILLING -> STARTING (gen 1: signal 9 KILL, ran 2.0s)
at 2s slots a/0 1                    | a/0 gen 2: STARTING -> UP (ready after 0ms)
at 3s call client/1                  | client/1: to a/0 gen 2, attempt 1
at 3s shutdown                       | shut
                                     | a/0 gen 2: UP -> DRAINING (brood ends)
                                     | kill a/0
                                     | a/0 gen 2: DRAINING -> KILLING (brood ends)
at 4s exit a/0 signal 9              | client/1: answered WORKER_CRASHED (a/0 ended while it had this call: signal 9 KILL (attempt 1, it may have run))
                                     | a/0 gen 2: KILLING -> DOWN (signal 9 KILL, ran 2.0s), 1 call in hand lost
                                     | finished
