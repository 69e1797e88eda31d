# 180: a connection is handed to the worker that has fewest, counts until that worker says that it ended, and waits while nobody takes any.
[worker:echo]
command = echo-worker
instances = 2
[endpoint:app]
listen = unix:app.sock
pool = echo
dispatch = connection
max_clients = 3
---
at 0ms start                         | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
                                     | spawn echo/1 gen 1
                                     | echo/1 gen 1: DOWN -> STARTING (start)
at 1ms connect a uid 1000 endpoint app | admit a
at 2ms connect b uid 1000 endpoint app | admit b
at 5ms slots echo/0 1                | echo/0 gen 1: STARTING -> UP (ready after 5ms)
                                     | a: handed over to echo/0 gen 1
                                     | b: handed over to echo/0 gen 1
at 6ms slots echo/1 1                | echo/1 gen 1: STARTING -> UP (ready after 6ms)
at 7ms connect c uid 1000 endpoint app | admit c
                                     | pause app
                                     | c: handed over to echo/1 gen 1
at 8ms left b                        | b: over
                                     | resume app
at 9ms left a                        | a: over
at 10ms connect d uid 1000 endpoint app | admit d
                                     | d: handed over to echo/0 gen 1
at 11ms connect e uid 1000 endpoint app | admit e
                                     | pause app
                                     | e: handed over to echo/0 gen 1
