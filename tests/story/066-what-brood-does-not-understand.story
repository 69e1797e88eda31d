# 066: a call about which its client says something unknown ends with UNSUPPORTED, once.
[worker:echo]
command = echo-worker
---
at 0ms start                         | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
at 1ms slots echo/0 1                | echo/0 gen 1: STARTING -> UP (ready after 1ms)
at 2ms call client/1                 | client/1: to echo/0 gen 1, attempt 1
at 2ms call client/3
at 3ms cancel client/3 unsupported   | client/3: answered UNSUPPORTED (unknown frame type, method or word), retry is safe
at 4ms cancel client/1 unsupported   | client/1: answered UNSUPPORTED (unknown frame type, method or word)
                                     | cancel echo/0 client/1 (UNSUPPORTED)
at 5ms reply client/1
at 6ms counters echo                 | echo: accepted 2, errored 2
