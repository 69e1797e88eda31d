# 223: keys wait for the first instance; they have their deadlines, and their answer where there never will be one.
[worker:echo]
command = echo-worker
instances = 1
queue = 3
no_restart_exit = 3
---
at 0ms start                         | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
at 1ms call client/1 order 1
at 1ms call client/3 order 2 timeout 5ms
at 1ms call client/5 order 1         | echo: 3 of 3 calls wait (300 of 67108864 bytes): its clients are slowed down
at 2ms call client/7 order 3         | client/7: answered OVERLOADED (echo is overloaded: 3 calls wait, queue = 3), retry is safe
at 6ms tick                          | client/3: answered DEADLINE (no answer within 5ms (it waited in the queue)), retry is safe
at 7ms slots echo/0 1                | echo/0 gen 1: STARTING -> UP (ready after 7ms)
                                     | client/1: to echo/0 gen 1, attempt 1, 29.994s left
                                     | echo: 1 of 3 calls wait (100 of 67108864 bytes): there is room again
at 8ms call client/9 order 2
at 9ms cancel client/5               | client/5: answered CANCELLED (cancelled by the caller), retry is safe
at 10ms reply client/1               | client/1: answered by echo/0
                                     | client/9: to echo/0 gen 1, attempt 1, 29.998s left
at 11ms call client/11 order 1
at 12ms exit echo/0 code 3           | client/9: answered WORKER_CRASHED (echo/0 ended while it had this call: exit 3 (attempt 1, it may have run))
                                     | echo/0 gen 1: UP -> FAILED (exit 3, ran 12ms, listed in no_restart_exit), 1 call in hand lost
                                     | client/11: answered NO_WORKER (no instance of echo can run, echo/0 failed: exit 3), retry is safe
