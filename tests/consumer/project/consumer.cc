// consumer: the same in C++.
#include <brood.h>

#include <cerrno>
#include <cstring>
#include <iostream>
#include <string>

namespace {

struct Echo {
    std::string last;

    static void call(brood_request_t *request, void *user)
    {
        size_t size = 0;
        const void *body = brood_request_body(request, &size);

        static_cast<Echo *>(user)->last.assign(static_cast<const char *>(body), size);
        brood_reply(request, body, size);
    }
};

int differs(const char *what, int expected, int found)
{
    if (found == expected)
        return 0;
    std::cerr << what << ": " << found << ", expected " << expected << " (" << brood_error() << ")\n";
    return 1;
}

} // namespace

int main()
{
    Echo echo;
    brood_worker_options options = brood_worker_options();
    brood_t *worker = NULL;
    brood_t *client = NULL;

    options.slots = 2;
    std::cout << "C++: libbrood " << brood_version() << ", header " << BROOD_VERSION << "\n";
    int wrong = differs("brood_version()", 0, std::strcmp(brood_version(), BROOD_VERSION));
    wrong += differs("brood_worker_open()", -ENOTCONN, brood_worker_open(&worker, &Echo::call, &echo, &options));
    wrong += differs("brood_connect()", -ENOENT, brood_connect(&client, "./nobody-listens.sock", NULL));
    brood_close(worker);
    brood_close(client);
    return wrong ? 1 : 0;
}
