# 167: C9: a user with many connections and calls leaves another one half of the slots, however many it has in the queue.
[worker:echo]
command = echo-worker
[endpoint:app]
listen = unix:app.sock
pool = echo
---
at 0ms start                         | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
at 1ms slots echo/0 4                | echo/0 gen 1: STARTING -> UP (ready after 1ms)
at 2ms connect flood uid 1000 endpoint app | admit flood
at 2ms connect flood2 uid 1000 endpoint app | admit flood2
at 2ms connect alice uid 1001 endpoint app | admit alice
at 3ms call flood/1                  | flood/1: to echo/0 gen 1, attempt 1
at 3ms call flood/3                  | flood/3: to echo/0 gen 1, attempt 1
at 3ms call flood/5                  | flood/5: to echo/0 gen 1, attempt 1
at 3ms call flood/7                  | flood/7: to echo/0 gen 1, attempt 1
at 3ms call flood/9
at 3ms call flood2/1
at 3ms call flood2/3
at 4ms call alice/1
at 4ms call alice/3
at 4ms call alice/5
# she has none in hand, so she is next until she has as many
at 5ms reply flood/1                 | flood/1: answered by echo/0
                                     | alice/1: to echo/0 gen 1, attempt 1, 29.999s left
at 6ms reply flood/3                 | flood/3: answered by echo/0
                                     | alice/3: to echo/0 gen 1, attempt 1, 29.998s left
at 7ms reply flood/5                 | flood/5: answered by echo/0
                                     | flood/9: to echo/0 gen 1, attempt 1, 29.996s left
at 8ms reply alice/1                 | alice/1: answered by echo/0
                                     | alice/5: to echo/0 gen 1, attempt 1, 29.996s left
# what is cancelled keeps its slot, and counts as its user's
at 9ms cancel alice/3                | alice/3: answered CANCELLED (cancelled by the caller, it may have run)
                                     | cancel echo/0 alice/3 (CANCELLED)
at 10ms reply flood/7                | flood/7: answered by echo/0
                                     | flood2/1: to echo/0 gen 1, attempt 1, 29.993s left
