/* A bare consumer of a stream that drops everything: the fastest way to take messages off a broker over AMQP.

   AMQP_URL=amqp://... drain <queue> <messages>        prints the seconds it took
   Built by drain.py: cc -O2 drain.c -lrabbitmq (Debian: librabbitmq-dev). */

#include <amqp.h>
#include <amqp_tcp_socket.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>

#define PREFETCH 2000
#define ACK 500

static void check(int fine, const char *what) {
    if (!fine) {
        fprintf(stderr, "drain: %s failed\n", what);
        exit(1);
    }
}

static void answered(amqp_connection_state_t broker, const char *what) {
    check(amqp_get_rpc_reply(broker).reply_type == AMQP_RESPONSE_NORMAL, what);
}

static double now(void) {
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    return at.tv_sec + at.tv_nsec / 1e9;
}

int main(int argc, char **argv) {
    check(argc == 3 && getenv("AMQP_URL"), "AMQP_URL=... drain <queue> <messages>");
    long messages = atol(argv[2]);
    struct amqp_connection_info to;
    check(!amqp_parse_url(getenv("AMQP_URL"), &to), "reading AMQP_URL");
    amqp_connection_state_t broker = amqp_new_connection();
    check(!amqp_socket_open(amqp_tcp_socket_new(broker), to.host, to.port), "connecting");
    amqp_rpc_reply_t login = amqp_login(broker, to.vhost, 0, 131072, 60, AMQP_SASL_METHOD_PLAIN, to.user, to.password);
    check(login.reply_type == AMQP_RESPONSE_NORMAL, "login");
    amqp_channel_open(broker, 1);
    answered(broker, "opening a channel");
    amqp_basic_qos(broker, 1, 0, PREFETCH, 0);
    answered(broker, "setting the prefetch");

    amqp_table_entry_t first = {.key = amqp_cstring_bytes("x-stream-offset")};
    first.value.kind = AMQP_FIELD_KIND_UTF8;
    first.value.value.bytes = amqp_cstring_bytes("first");
    amqp_table_t arguments = {.num_entries = 1, .entries = &first};
    double begun = now();
    amqp_basic_consume(broker, 1, amqp_cstring_bytes(argv[1]), amqp_empty_bytes, 0, 0, 0, arguments);
    answered(broker, "consuming");
    struct timeval patience = {.tv_sec = 30};
    for (long taken = 1; taken <= messages; taken++) {
        amqp_envelope_t message;
        amqp_maybe_release_buffers(broker);
        amqp_rpc_reply_t got = amqp_consume_message(broker, &message, &patience, 0);
        check(got.reply_type == AMQP_RESPONSE_NORMAL, "reading");
        if (taken % ACK == 0)
            check(!amqp_basic_ack(broker, 1, message.delivery_tag, 1), "acknowledging");
        amqp_destroy_envelope(&message);
    }
    printf("%f\n", now() - begun);
    amqp_connection_close(broker, AMQP_REPLY_SUCCESS);
    amqp_destroy_connection(broker);
    return 0;
}
