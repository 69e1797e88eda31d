# 181: with a worker its connections end, but for those that never reached it: they go to another one, or wait.
[worker:echo]
command = echo-worker
instances = 2
restart_jitter = 0%
[endpoint:app]
listen = unix:app.sock
pool = echo
dispatch = connection
---
at 0ms start                         | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
                                     | spawn echo/1 gen 1
                                     | echo/1 gen 1: DOWN -> STARTING (start)
at 5ms slots echo/0 1                | echo/0 gen 1: STARTING -> UP (ready after 5ms)
at 6ms slots echo/1 1                | echo/1 gen 1: STARTING -> UP (ready after 6ms)
at 7ms connect a uid 1000 endpoint app | admit a
                                     | a: handed over to echo/0 gen 1
at 8ms connect b uid 1000 endpoint app | admit b
                                     | b: handed over to echo/1 gen 1
at 9ms connect c uid 1000 endpoint app | admit c
                                     | c: handed over to echo/0 gen 1
at 10ms undone c
at 10ms exit echo/0 signal 9         | a: over
                                     | echo/0 gen 1: UP -> BACKOFF (signal 9 KILL, ran 10ms), retry 1 in 250ms
                                     | c: handed over to echo/1 gen 1
at 11ms lost echo/1 closed           | b: over
                                     | c: over
                                     | end channel echo/1
                                     | signal echo/1 TERM
                                     | echo/1 gen 1: UP -> STOPPING (it closed its channel), SIGTERM sent
at 12ms connect d uid 1000 endpoint app | admit d
at 12ms exit echo/1 signal 9         | echo/1 gen 1: STOPPING -> BACKOFF (signal 9 KILL, ran 12ms, it closed its channel), retry 1 in 250ms
