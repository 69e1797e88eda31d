# 115: a worker that is kept for a last attempt first finishes what it has; if it is stopped, another one is kept.
[worker:echo]
command = echo-worker
instances = 3
restart_jitter = 0%
redeliver = always
max_attempts = 2
---
at 0ms start                         | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
                                     | spawn echo/1 gen 1
                                     | echo/1 gen 1: DOWN -> STARTING (start)
                                     | spawn echo/2 gen 1
                                     | echo/2 gen 1: DOWN -> STARTING (start)
at 1ms slots echo/0 1                | echo/0 gen 1: STARTING -> UP (ready after 1ms)
at 1ms slots echo/1 2                | echo/1 gen 1: STARTING -> UP (ready after 1ms)
at 1ms slots echo/2 2                | echo/2 gen 1: STARTING -> UP (ready after 1ms)
at 2ms call p/1                      | p/1: to echo/0 gen 1, attempt 1
at 2ms call a/1                      | a/1: to echo/1 gen 1, attempt 1
at 2ms call b/1                      | b/1: to echo/2 gen 1, attempt 1
at 2ms call c/1                      | c/1: to echo/1 gen 1, attempt 1
at 2ms call d/1                      | d/1: to echo/2 gen 1, attempt 1
at 2ms call e/1
at 3ms exit echo/0 signal 9          | echo/0 gen 1: UP -> BACKOFF (signal 9 KILL, ran 3ms), 1 redelivered, retry 1 in 250ms
at 4ms reply a/1                     | a/1: answered by echo/1
at 5ms stop echo/1                   | echo/1 gen 1: UP -> DRAINING (on command)
at 6ms reply d/1                     | d/1: answered by echo/2
at 6ms reply b/1                     | b/1: answered by echo/2
                                     | p/1: to echo/2 gen 1, attempt 2, 29.996s left
at 7ms reply p/1                     | p/1: answered by echo/2
                                     | e/1: to echo/2 gen 1, attempt 1, 29.995s left
at 8ms counters echo                 | echo: accepted 6, replied 4, redelivered 1, in flight 2
