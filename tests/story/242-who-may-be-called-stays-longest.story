# 242: at the end of everything a pool stays until those that call it have ended, and takes calls of theirs alone.
[worker:store]
command = store
[worker:echo]
command = echo-worker
calls = store
[worker:front]
command = front
calls = echo
[worker:other]
command = other
[endpoint:app]
listen = unix:app.sock
pool = front
[endpoint:echo]
listen = unix:echo.sock
pool = echo
---
at 0ms start                         | spawn store/0 gen 1
                                     | store/0 gen 1: DOWN -> STARTING (start)
                                     | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
                                     | spawn front/0 gen 1
                                     | front/0 gen 1: DOWN -> STARTING (start)
                                     | spawn other/0 gen 1
                                     | other/0 gen 1: DOWN -> STARTING (start)
at 1ms slots front/0 2               | front/0 gen 1: STARTING -> UP (ready after 1ms)
at 2ms slots echo/0 1                | echo/0 gen 1: STARTING -> UP (ready after 2ms)
at 2ms slots store/0 1               | store/0 gen 1: STARTING -> UP (ready after 2ms)
at 2ms slots other/0 1               | other/0 gen 1: STARTING -> UP (ready after 2ms)
at 3ms connect a uid 1000 endpoint app | admit a
at 3ms connect o uid 1000 endpoint echo | admit o
at 4ms connect b uid 1000 endpoint front->echo of front/0 | admit b
at 5ms call a/1 pool front           | a/1: to front/0 gen 1, attempt 1
at 6ms shutdown                      | shut
                                     | other/0 gen 1: UP -> DRAINING (brood ends)
                                     | end channel other/0
                                     | signal other/0 TERM
                                     | other/0 gen 1: DRAINING -> STOPPING (nothing in hand), SIGTERM sent
                                     | front/0 gen 1: UP -> DRAINING (brood ends)
at 7ms call o/1 pool echo            | o/1: answered DRAINING (brood is stopping), retry is safe
at 8ms call b/1 pool echo            | b/1: to echo/0 gen 1, attempt 1
at 9ms reply b/1                     | b/1: answered by echo/0
at 10ms reply a/1                    | a/1: answered by front/0
                                     | flush front/0
at 10ms flushed front/0              | end channel front/0
                                     | signal front/0 TERM
                                     | front/0 gen 1: DRAINING -> STOPPING (nothing in hand, all handed over), SIGTERM sent
at 11ms exit other/0 code 0          | other/0 gen 1: STOPPING -> DOWN (exit 0, ran 11ms)
at 12ms gone b
at 13ms exit front/0 code 0          | front/0 gen 1: STOPPING -> DOWN (exit 0, ran 13ms)
                                     | echo/0 gen 1: UP -> DRAINING (brood ends)
                                     | flush echo/0
at 13ms flushed echo/0               | end channel echo/0
                                     | signal echo/0 TERM
                                     | echo/0 gen 1: DRAINING -> STOPPING (nothing in hand, all handed over), SIGTERM sent
at 14ms exit echo/0 code 0           | echo/0 gen 1: STOPPING -> DOWN (exit 0, ran 14ms)
                                     | store/0 gen 1: UP -> DRAINING (brood ends)
                                     | end channel store/0
                                     | signal store/0 TERM
                                     | store/0 gen 1: DRAINING -> STOPPING (nothing in hand), SIGTERM sent
at 15ms exit store/0 code 0          | store/0 gen 1: STOPPING -> DOWN (exit 0, ran 15ms)
                                     | finished
