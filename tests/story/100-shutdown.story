# 100: a shutdown stops everything in the reverse order of the file, and is finished with the last process.
[worker:database]
command = database
instances = 2
[worker:web]
command = web
---
at 0ms start                         | spawn database/0 gen 1
                                     | database/0 gen 1: DOWN -> STARTING (start)
                                     | spawn database/1 gen 1
                                     | database/1 gen 1: DOWN -> STARTING (start)
                                     | spawn web/0 gen 1
                                     | web/0 gen 1: DOWN -> STARTING (start)
at 1ms slots database/0 1            | database/0 gen 1: STARTING -> UP (ready after 1ms)
at 1ms slots database/1 1            | database/1 gen 1: STARTING -> UP (ready after 1ms)
at 1ms slots web/0 1                 | web/0 gen 1: STARTING -> UP (ready after 1ms)
at 1s shutdown                       | shut
                                     | web/0 gen 1: UP -> DRAINING (brood ends)
                                     | end channel web/0
                                     | signal web/0 TERM
                                     | web/0 gen 1: DRAINING -> STOPPING (nothing in hand), SIGTERM sent
                                     | database/1 gen 1: UP -> DRAINING (brood ends)
                                     | end channel database/1
                                     | signal database/1 TERM
                                     | database/1 gen 1: DRAINING -> STOPPING (nothing in hand), SIGTERM sent
                                     | database/0 gen 1: UP -> DRAINING (brood ends)
                                     | end channel database/0
                                     | signal database/0 TERM
                                     | database/0 gen 1: DRAINING -> STOPPING (nothing in hand), SIGTERM sent
at 1.1s exit web/0 signal 15         | web/0 gen 1: STOPPING -> DOWN (signal 15 TERM, ran 1.1s)
at 1.2s exit database/0 signal 15    | database/0 gen 1: STOPPING -> DOWN (signal 15 TERM, ran 1.2s)
at 1.3s exit database/1 signal 15    | database/1 gen 1: STOPPING -> DOWN (signal 15 TERM, ran 1.3s)
                                     | finished
at 1.4s tick
