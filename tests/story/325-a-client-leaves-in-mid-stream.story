# 325: a stream is given up like any call: by its client, by the end of its client, by its deadline.
[worker:echo]
command = echo-worker
[endpoint:e]
listen = unix:e.sock
pool = echo
---
at 0ms start                         | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
at 1ms slots echo/0 8                | echo/0 gen 1: STARTING -> UP (ready after 1ms)
at 2ms connect alice uid 1000 endpoint e | admit alice
at 2ms call alice/1 goes-on streams  | alice/1: to echo/0 gen 1, attempt 1
at 2ms more alice/1 size 5           | alice/1: more to echo/0
at 3ms cancel alice/1                | alice/1: answered CANCELLED (cancelled by the caller, it may have run)
                                     | cancel echo/0 alice/1 (CANCELLED)
at 3ms more alice/1 size 5 ends
at 4ms part alice/1 size 5 ends
at 4ms reply alice/1
at 5ms call alice/3 goes-on streams timeout 50ms | alice/3: to echo/0 gen 1, attempt 1, 0.05s left
at 5ms part alice/3 size 5 ends      | alice/3: part from echo/0
at 55ms tick                         | alice/3: answered DEADLINE (no answer within 50ms (a worker has it, it may still run))
                                     | cancel echo/0 alice/3 (DEADLINE)
at 56ms reply alice/3
at 57ms call alice/5 goes-on streams | alice/5: to echo/0 gen 1, attempt 1
at 58ms more alice/5 size 5 ends     | alice/5: more to echo/0
at 59ms gone alice                   | cancel echo/0 alice/5 (CANCELLED)
at 60ms reply alice/5
at 61ms counters echo                | echo: accepted 3, errored 2, closed 1, expired 1
