# 211: one instance less when for idle_stop there was always one with nothing in hand; never fewer than the least.
[worker:echo]
command = echo-worker
instances = 1..3
scale_up_after = 0ms
idle_stop = 10s
---
at 0ms start                         | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
at 1ms slots echo/0 1                | echo/0 gen 1: STARTING -> UP (ready after 1ms)
at 2ms call client/1                 | client/1: to echo/0 gen 1, attempt 1
at 2ms call client/3                 | spawn echo/1 gen 1
                                     | echo/1 gen 1: DOWN -> STARTING (start, calls wait)
at 3ms slots echo/1 1                | echo/1 gen 1: STARTING -> UP (ready after 1ms)
                                     | client/3: to echo/1 gen 1, attempt 1, 29.999s left
at 4ms call client/5                 | spawn echo/2 gen 1
                                     | echo/2 gen 1: DOWN -> STARTING (start, calls wait)
at 5ms slots echo/2 1                | echo/2 gen 1: STARTING -> UP (ready after 1ms)
                                     | client/5: to echo/2 gen 1, attempt 1, 29.999s left
at 1s reply client/5                 | client/5: answered by echo/2
# not always: for a moment all were busy
at 6s call client/7                  | client/7: to echo/2 gen 1, attempt 1
at 7s reply client/7                 | client/7: answered by echo/2
at 8s reply client/3                 | client/3: answered by echo/1
at 17s tick                          | echo/2 gen 1: UP -> DRAINING (fewer are needed)
                                     | flush echo/2
at 17s flushed echo/2                | end channel echo/2
                                     | signal echo/2 TERM
                                     | echo/2 gen 1: DRAINING -> STOPPING (nothing in hand, all handed over), SIGTERM sent
at 17.1s exit echo/2 code 0          | echo/2 gen 1: STOPPING -> DOWN (exit 0, ran 17.0s)
at 27s tick                          | echo/1 gen 1: UP -> DRAINING (fewer are needed)
                                     | flush echo/1
at 27s flushed echo/1                | end channel echo/1
                                     | signal echo/1 TERM
                                     | echo/1 gen 1: DRAINING -> STOPPING (nothing in hand, all handed over), SIGTERM sent
at 27.1s exit echo/1 code 0          | echo/1 gen 1: STOPPING -> DOWN (exit 0, ran 27.0s)
at 28s reply client/1                | client/1: answered by echo/0
at 100s call client/9                | client/9: to echo/0 gen 1, attempt 1
at 100.1s call client/11             | spawn echo/1 gen 2
                                     | echo/1 gen 2: DOWN -> STARTING (start, calls wait)
at 100.2s slots echo/1 1             | echo/1 gen 2: STARTING -> UP (ready after 100ms)
                                     | client/11: to echo/1 gen 2, attempt 1, 29.9s left
at 100.3s reply client/9             | client/9: answered by echo/0
at 100.4s reply client/11            | client/11: answered by echo/1
