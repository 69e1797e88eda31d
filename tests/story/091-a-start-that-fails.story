# 091: a start has failed with the first failed attempt, tried again or not; an end with success is no such failure.
[defaults]
autostart = no
restart_jitter = 0%
[worker:tries-on]
command = x
[worker:gives-up]
command = x
restart = never
[worker:is-done]
command = x
restart = on-failure
[worker:pair]
command = x
instances = 2
---
at 0ms start
at 1ms start tries-on job 1          | spawn tries-on/0 gen 1
                                     | tries-on/0 gen 1: DOWN -> STARTING (start)
at 2ms exit tries-on/0 cannot exec 2 | tries-on/0 gen 1: STARTING -> BACKOFF (cannot start: exec of x: No such file or directory), retry 1 in 250ms
                                     | job 1: done 0, failed 1 of 1, changed 1
at 3ms start gives-up job 2          | spawn gives-up/0 gen 1
                                     | gives-up/0 gen 1: DOWN -> STARTING (start)
at 4ms exit gives-up/0 code 1        | gives-up/0 gen 1: STARTING -> FAILED (exit 1, ran 1ms, restart = never)
                                     | job 2: done 0, failed 1 of 1, changed 1
at 5ms start is-done job 3           | spawn is-done/0 gen 1
                                     | is-done/0 gen 1: DOWN -> STARTING (start)
at 6ms exit is-done/0 code 0         | is-done/0 gen 1: STARTING -> DOWN (exit 0, ran 1ms)
                                     | job 3: done 1, failed 0 of 1, changed 1
# one was up and died while the job waited for the other
at 7ms start pair job 4              | spawn pair/0 gen 1
                                     | pair/0 gen 1: DOWN -> STARTING (start)
                                     | spawn pair/1 gen 1
                                     | pair/1 gen 1: DOWN -> STARTING (start)
at 8ms slots pair/0 1                | pair/0 gen 1: STARTING -> UP (ready after 1ms)
at 9ms exit pair/0 code 1            | pair/0 gen 1: UP -> BACKOFF (exit 1, ran 2ms), retry 1 in 250ms
at 10ms slots pair/1 1               | pair/1 gen 1: STARTING -> UP (ready after 3ms)
                                     | job 4: done 1, failed 1 of 2, changed 2
at 252ms tick                        | spawn tries-on/0 gen 2
                                     | tries-on/0 gen 2: BACKOFF -> STARTING (delay over)
at 259ms tick                        | spawn pair/0 gen 2
                                     | pair/0 gen 2: BACKOFF -> STARTING (delay over)
