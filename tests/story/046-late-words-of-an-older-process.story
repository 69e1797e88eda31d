# 046: what comes from an older process, even its exit told twice, changes nothing for the present one.
[worker:echo]
command = echo-worker
restart_jitter = 0%
---
at 0ms start                         | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
at 1ms slots echo/0 1                | echo/0 gen 1: STARTING -> UP (ready after 1ms)
at 2ms call client/1                 | client/1: to echo/0 gen 1, attempt 1
at 3ms exit echo/0 signal 11         | client/1: answered WORKER_CRASHED (echo/0 ended while it had this call: signal 11 SEGV (attempt 1, it may have run))
                                     | echo/0 gen 1: UP -> BACKOFF (signal 11 SEGV, ran 3ms), 1 call in hand lost, retry 1 in 250ms
at 253ms tick                        | spawn echo/0 gen 2
                                     | echo/0 gen 2: BACKOFF -> STARTING (delay over)
at 254ms slots echo/0 5 gen 1
at 254ms ready echo/0 gen 1
at 254ms lost echo/0 broken gen 1
at 254ms exit echo/0 code 0 gen 1
at 254ms reply client/1 late
at 255ms slots echo/0 1              | echo/0 gen 2: STARTING -> UP (ready after 2ms)
at 256ms call client/3               | client/3: to echo/0 gen 2, attempt 1
at 256ms reply client/1 late
at 257ms reply client/3              | client/3: answered by echo/0
at 257ms counters echo               | echo: accepted 2, replied 1, errored 1, crashed 1
