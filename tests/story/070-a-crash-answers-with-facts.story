# 070: when a worker dies, the callers of what it had in hand are told how it died, and that their call may have run.
[worker:echo]
command = echo-worker
restart_jitter = 0%
---
at 0ms start                         | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
at 1ms slots echo/0 3                | echo/0 gen 1: STARTING -> UP (ready after 1ms)
at 2ms call a/1                      | a/1: to echo/0 gen 1, attempt 1
at 2ms call b/1                      | b/1: to echo/0 gen 1, attempt 1
at 2ms call c/1                      | c/1: to echo/0 gen 1, attempt 1
at 2ms call d/1
at 3ms cancel b/1                    | b/1: answered CANCELLED (cancelled by the caller, it may have run)
                                     | cancel echo/0 b/1 (CANCELLED)
at 4ms exit echo/0 signal 11 core    | c/1: answered WORKER_CRASHED (echo/0 ended while it had this call: signal 11 SEGV, core dumped (attempt 1, it may have run))
                                     | a/1: answered WORKER_CRASHED (echo/0 ended while it had this call: signal 11 SEGV, core dumped (attempt 1, it may have run))
                                     | echo/0 gen 1: UP -> BACKOFF (signal 11 SEGV, core dumped, ran 4ms), 2 calls in hand lost, retry 1 in 250ms
at 254ms tick                        | spawn echo/0 gen 2
                                     | echo/0 gen 2: BACKOFF -> STARTING (delay over)
at 260ms slots echo/0 1              | echo/0 gen 2: STARTING -> UP (ready after 6ms)
                                     | d/1: to echo/0 gen 2, attempt 1, 29.742s left
at 270ms exit echo/0 code 3          | d/1: answered WORKER_CRASHED (echo/0 ended while it had this call: exit 3 (attempt 1, it may have run))
                                     | echo/0 gen 2: UP -> BACKOFF (exit 3, ran 16ms), 1 call in hand lost, retry 2 in 500ms
at 270ms counters echo               | echo: accepted 4, errored 4, crashed 3
