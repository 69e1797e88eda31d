# 111: the last attempt is made alone: the poison is told, and what had stood beside it is answered.
[worker:echo]
command = echo-worker
instances = 2
restart_jitter = 0%
restart_delay = 1ms
redeliver = always
---
at 0ms start                         | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
                                     | spawn echo/1 gen 1
                                     | echo/1 gen 1: DOWN -> STARTING (start)
at 1ms slots echo/0 2                | echo/0 gen 1: STARTING -> UP (ready after 1ms)
at 1ms slots echo/1 2                | echo/1 gen 1: STARTING -> UP (ready after 1ms)
at 2ms call poison/1                 | poison/1: to echo/0 gen 1, attempt 1
at 2ms call a/1                      | a/1: to echo/1 gen 1, attempt 1
at 2ms call b/1                      | b/1: to echo/0 gen 1, attempt 1
at 2ms call c/1                      | c/1: to echo/1 gen 1, attempt 1
at 3ms exit echo/0 signal 11         | echo/0 gen 1: UP -> BACKOFF (signal 11 SEGV, ran 3ms), 2 redelivered, retry 1 in 1ms
at 4ms reply a/1                     | a/1: answered by echo/1
                                     | poison/1: to echo/1 gen 1, attempt 2, 29.998s left
                                     | spawn echo/0 gen 2
                                     | echo/0 gen 2: BACKOFF -> STARTING (delay over)
at 5ms exit echo/1 signal 11         | echo/1 gen 1: UP -> BACKOFF (signal 11 SEGV, ran 5ms), 2 redelivered, retry 1 in 1ms
at 6ms slots echo/0 2                | echo/0 gen 2: STARTING -> UP (ready after 2ms)
                                     | poison/1: to echo/0 gen 2, attempt 3, 29.996s left
                                     | spawn echo/1 gen 2
                                     | echo/1 gen 2: BACKOFF -> STARTING (delay over)
at 7ms slots echo/1 2                | echo/1 gen 2: STARTING -> UP (ready after 1ms)
                                     | c/1: to echo/1 gen 2, attempt 2, 29.995s left
                                     | b/1: to echo/1 gen 2, attempt 2, 29.995s left
at 8ms call d/1
at 8ms call e/1
at 8ms exit echo/0 signal 11         | poison/1: answered WORKER_CRASHED (echo/0 ended while it had this call: signal 11 SEGV (attempt 3, it may have run))
                                     | echo/0 gen 2: UP -> BACKOFF (signal 11 SEGV, ran 4ms), 1 call in hand lost, retry 2 in 2ms
at 9ms reply b/1                     | b/1: answered by echo/1
                                     | d/1: to echo/1 gen 2, attempt 1, 29.999s left
at 9ms reply c/1                     | c/1: answered by echo/1
                                     | e/1: to echo/1 gen 2, attempt 1, 29.999s left
at 10ms reply d/1                    | d/1: answered by echo/1
                                     | spawn echo/0 gen 3
                                     | echo/0 gen 3: BACKOFF -> STARTING (delay over)
at 11ms counters echo                | echo: accepted 6, replied 4, errored 1, crashed 1, redelivered 4, in flight 1
