# 102: what is left at shutdown_timeout is killed, all at once; nothing holds brood longer than that.
[brood]
shutdown_timeout = 5s
[defaults]
stop_timeout = 4s
[worker:stubborn]
command = x
[worker:busy]
command = x
[worker:quick]
command = x
---
at 0s start                          | spawn stubborn/0 gen 1
                                     | stubborn/0 gen 1: DOWN -> STARTING (start)
                                     | spawn busy/0 gen 1
                                     | busy/0 gen 1: DOWN -> STARTING (start)
                                     | spawn quick/0 gen 1
                                     | quick/0 gen 1: DOWN -> STARTING (start)
at 0s slots stubborn/0 1             | stubborn/0 gen 1: STARTING -> UP (ready after 0ms)
at 0s slots busy/0 1                 | busy/0 gen 1: STARTING -> UP (ready after 0ms)
at 0s slots quick/0 1                | quick/0 gen 1: STARTING -> UP (ready after 0ms)
at 1s call client/1 pool busy        | client/1: to busy/0 gen 1, attempt 1
at 2s shutdown                       | shut
                                     | quick/0 gen 1: UP -> DRAINING (brood ends)
                                     | end channel quick/0
                                     | signal quick/0 TERM
                                     | quick/0 gen 1: DRAINING -> STOPPING (nothing in hand), SIGTERM sent
                                     | busy/0 gen 1: UP -> DRAINING (brood ends)
                                     | stubborn/0 gen 1: UP -> DRAINING (brood ends)
                                     | end channel stubborn/0
                                     | signal stubborn/0 TERM
                                     | stubborn/0 gen 1: DRAINING -> STOPPING (nothing in hand), SIGTERM sent
at 2.1s exit quick/0 code 0          | quick/0 gen 1: STOPPING -> DOWN (exit 0, ran 2.1s)
at 6s tick                           | kill stubborn/0
                                     | stubborn/0 gen 1: STOPPING -> KILLING (stop_timeout passed)
                                     | end channel busy/0
                                     | signal busy/0 TERM
                                     | busy/0 gen 1: DRAINING -> STOPPING (stop_timeout passed), SIGTERM sent
at 7s tick                           | kill busy/0
                                     | busy/0 gen 1: STOPPING -> KILLING (brood ends)
at 7.1s exit busy/0 signal 9         | client/1: answered WORKER_CRASHED (busy/0 ended while it had this call: signal 9 KILL (attempt 1, it may have run))
                                     | busy/0 gen 1: KILLING -> DOWN (signal 9 KILL, ran 7.1s), 1 call in hand lost
at 7.2s exit stubborn/0 signal 9     | stubborn/0 gen 1: KILLING -> DOWN (signal 9 KILL, ran 7.2s)
                                     | finished
