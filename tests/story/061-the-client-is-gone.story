# 061: nothing is answered to a client that is gone: what it had queued is dropped, what runs is cancelled.
[worker:echo]
command = echo-worker
[endpoint:app]
listen = unix:app.sock
pool = echo
---
at 0ms start                         | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
at 1ms slots echo/0 2                | echo/0 gen 1: STARTING -> UP (ready after 1ms)
at 2ms connect alice uid 1000 endpoint app | admit alice
at 2ms call alice/1                  | alice/1: to echo/0 gen 1, attempt 1
at 2ms call alice/3                  | alice/3: to echo/0 gen 1, attempt 1
at 2ms call alice/5
at 2ms cancel alice/3                | alice/3: answered CANCELLED (cancelled by the caller, it may have run)
                                     | cancel echo/0 alice/3 (CANCELLED)
at 2ms call bob/1
at 3ms gone alice                    | cancel echo/0 alice/1 (CANCELLED)
at 4ms reply alice/3                 | bob/1: to echo/0 gen 1, attempt 1, 29.998s left
at 5ms reply alice/1
at 6ms reply bob/1                   | bob/1: answered by echo/0
at 6ms counters echo                 | echo: accepted 4, replied 1, errored 1, closed 2
