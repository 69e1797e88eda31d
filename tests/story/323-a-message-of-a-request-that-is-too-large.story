# 323: each message of a request, and of its answer, may be as large as one message may be, and no larger.
[worker:echo]
command = echo-worker
---
at 0ms start                         | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
at 1ms slots echo/0 4                | echo/0 gen 1: STARTING -> UP (ready after 1ms)
at 2ms call c/1 goes-on streams answer 100 | c/1: to echo/0 gen 1, attempt 1
at 2ms more c/1 size 60              | c/1: more to echo/0
at 2ms more c/1 size 40 ends         | c/1: more to echo/0
at 2ms more c/1 size 60              | c/1: more to echo/0
at 2ms more c/1 size 41 ends         | c/1: answered TOO_LARGE (a message of the request is larger than max_message, 100 bytes)
                                     | cancel echo/0 c/1 (TOO_LARGE)
at 3ms call c/3 goes-on streams answer 100 | c/3: to echo/0 gen 1, attempt 1
at 3ms part c/3 size 60              | c/3: part from echo/0
at 3ms part c/3 size 40 ends         | c/3: part from echo/0
at 3ms part c/3 size 60              | c/3: part from echo/0
at 3ms part c/3 size 41              | c/3: answered TOO_LARGE (the reply is larger than max_message, 100 bytes)
                                     | cancel echo/0 c/3 (TOO_LARGE)
at 4ms call c/5 goes-on streams answer 100 | c/5: to echo/0 gen 1, attempt 1
at 4ms part c/5 size 100 ends        | c/5: part from echo/0
at 4ms reply c/5 size 101            | c/5: answered TOO_LARGE (the reply is larger than max_message, 100 bytes)
at 5ms reply c/1
at 5ms reply c/3
at 6ms counters echo                 | echo: accepted 3, errored 3
