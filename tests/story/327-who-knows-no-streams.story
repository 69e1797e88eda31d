# 327: streams are for those who know them: workers that do not, and clients that take one message.
[worker:echo]
command = echo-worker
---
at 0ms start                         | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
at 1ms slots echo/0 1                | echo/0 gen 1: STARTING -> UP (ready after 1ms)
at 2ms call c/1 goes-on streams      | c/1: to echo/0 gen 1, attempt 1
at 2ms call c/3
at 3ms refused c/1                   | c/1: answered UNSUPPORTED (echo takes no requests of several messages), retry is safe
                                     | c/3: to echo/0 gen 1, attempt 1, 29.999s left
at 4ms headers c/3
at 4ms part c/3 size 5               | c/3: part from echo/0
at 5ms part c/3 size 5 ends          | c/3: answered UNSUPPORTED (the answer has several messages, and this client takes one)
                                     | cancel echo/0 c/3 (UNSUPPORTED)
at 6ms reply c/3
at 7ms call c/5 goes-on streams      | c/5: to echo/0 gen 1, attempt 1
at 7ms cancel c/5                    | c/5: answered CANCELLED (cancelled by the caller, it may have run)
                                     | cancel echo/0 c/5 (CANCELLED)
at 8ms refused c/5
at 9ms call c/7 goes-on streams      | c/7: to echo/0 gen 1, attempt 1
at 9ms cancel c/7 overloaded         | c/7: answered OVERLOADED (requests under way fill max_partial or max_partial_per_uid)
                                     | cancel echo/0 c/7 (OVERLOADED)
at 9ms reply c/7
at 9ms counters echo                 | echo: accepted 4, errored 4
