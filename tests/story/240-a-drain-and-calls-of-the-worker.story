# 240: a worker that drains has not finished before the calls that it has open itself.
[worker:front]
command = front
calls = echo
[worker:echo]
command = echo-worker
[endpoint:app]
listen = unix:app.sock
pool = front
---
at 0ms start                         | spawn front/0 gen 1
                                     | front/0 gen 1: DOWN -> STARTING (start)
                                     | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
at 1ms slots front/0 1               | front/0 gen 1: STARTING -> UP (ready after 1ms)
at 2ms slots echo/0 1                | echo/0 gen 1: STARTING -> UP (ready after 2ms)
at 3ms connect a uid 1000 endpoint app | admit a
at 4ms connect b uid 1000 endpoint front->echo of front/0 | admit b
at 5ms call a/1 pool front           | a/1: to front/0 gen 1, attempt 1
at 6ms call b/1 pool echo            | b/1: to echo/0 gen 1, attempt 1
at 7ms restart front                 | front/0 gen 1: UP -> DRAINING (on command)
at 8ms reply a/1                     | a/1: answered by front/0
at 9ms call b/3 pool echo
at 10ms reply b/1                    | b/1: answered by echo/0
                                     | b/3: to echo/0 gen 1, attempt 1, 29.999s left
at 11ms reply b/3                    | b/3: answered by echo/0
                                     | flush front/0
at 11ms flushed front/0              | end channel front/0
                                     | signal front/0 TERM
                                     | front/0 gen 1: DRAINING -> STOPPING (nothing in hand, all handed over), SIGTERM sent
at 12ms gone b
at 13ms exit front/0 code 0          | spawn front/0 gen 2
                                     | front/0 gen 2: STOPPING -> STARTING (gen 1: exit 0, ran 13ms)
