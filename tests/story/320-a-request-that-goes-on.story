# 320: what comes of a request behind its first message goes to the worker that has the call.
[worker:echo]
command = echo-worker
[endpoint:e]
listen = unix:e.sock
pool = echo
---
at 0ms start                         | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
at 1ms slots echo/0 2                | echo/0 gen 1: STARTING -> UP (ready after 1ms)
at 2ms connect alice uid 1000 endpoint e | admit alice
at 2ms call alice/1 goes-on streams answer 1000 | alice/1: to echo/0 gen 1, attempt 1
at 3ms more alice/1 size 400         | alice/1: more to echo/0
at 3ms more alice/1 size 600 ends    | alice/1: more to echo/0
at 4ms more alice/1 size 1000 ends   | alice/1: more to echo/0
at 4ms headers alice/1               | alice/1: part from echo/0
at 4ms headers alice/1
at 5ms part alice/1 size 1000 ends   | alice/1: part from echo/0
at 5ms headers alice/1
at 5ms part alice/1 size 1000        | alice/1: part from echo/0
at 6ms more alice/1 last             | alice/1: more to echo/0
at 7ms reply alice/1                 | alice/1: answered by echo/0
at 8ms more alice/1 size 10 ends
at 9ms counters echo                 | echo: accepted 1, replied 1
