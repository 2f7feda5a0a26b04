/* The stub upstream: Cloud4Wi's read endpoints over records that lie ready in memory.
 *
 *     cc -O2 -o stub stub.c && ./stub PORT FOLDER
 *
 * One thread, epoll, HTTP/1.1 with keep-alive, on the loopback only. FOLDER holds events, contacts, locations and
 * segments as data.py writes them. An answer is a head, a slice of the records and a tail, so that the stub costs
 * little beside the gateways that are measured against it. PORT 0 takes a free one; the first line printed says which.
 *
 * GET /_bench/calls answers how often each endpoint was called; POST /_bench/reset?delay=N sets the counts to zero and
 * makes every further answer wait N milliseconds.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define TOKEN "stub-token"
#define REFUSED "{\"status\":\"KO\",\"message\":\"no such resource\"}"
#define REQUEST_MAX 16384
#define MOST_CONNECTIONS 65536

static void die(const char *what) {
    perror(what);
    exit(1);
}

static void *must(void *memory) {
    if (!memory) die("memory");
    return memory;
}

/* ---- the records: lines of a key, a tab and a JSON object ------------------------------------------------------- */

/* Rows joined by commas in one piece, so that neighbours can be sent as they lie. */
typedef struct {
    char *text, **key;
    size_t *begin, *end; /* of row i */
    size_t count;
} Rows;

static Rows read_rows(const char *folder, const char *name) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%s.tsv", folder, name);
    FILE *file = fopen(path, "r");
    if (!file) die(path);
    Rows rows = {0};
    size_t room = 0, held = 0, used = 0, line_room = 0;
    char *line = NULL, *tab;
    while (getline(&line, &line_room, file) > 0 && (tab = strchr(line, '\t'))) {
        char *row = tab + 1;
        size_t length = strcspn(row, "\n");
        if (rows.count == held) {
            held = held ? held * 2 : 1024;
            rows.key = must(realloc(rows.key, held * sizeof *rows.key));
            rows.begin = must(realloc(rows.begin, held * sizeof *rows.begin));
            rows.end = must(realloc(rows.end, held * sizeof *rows.end));
        }
        while (used + length + 1 > room) rows.text = must(realloc(rows.text, room = room ? room * 2 : 1 << 16));
        if (used) rows.text[used++] = ',';
        rows.key[rows.count] = must(strndup(line, (size_t)(tab - line)));
        rows.begin[rows.count] = used;
        memcpy(rows.text + used, row, length);
        rows.end[rows.count++] = used += length;
    }
    free(line);
    fclose(file);
    return rows;
}

static Rows reversed(const Rows *rows) {
    Rows back = {.count = rows->count};
    size_t used = 0;
    back.text = must(malloc(rows->end[rows->count - 1]));
    back.begin = must(calloc(rows->count, sizeof *back.begin));
    back.end = must(calloc(rows->count, sizeof *back.end));
    for (size_t i = 0; i < rows->count; i++) {
        size_t from = rows->count - 1 - i, length = rows->end[from] - rows->begin[from];
        if (used) back.text[used++] = ',';
        back.begin[i] = used;
        memcpy(back.text + used, rows->text + rows->begin[from], length);
        back.end[i] = used += length;
    }
    return back;
}

/* Rows by key: open addressing; a slot holds a row's number plus one. */
typedef struct {
    const Rows *rows;
    uint32_t *slots;
    size_t mask;
} Index;

static size_t hash_of(const char *text) {
    uint64_t hash = 1469598103934665603u;
    for (; *text; text++) hash = (hash ^ (unsigned char)*text) * 1099511628211u;
    return (size_t)hash;
}

static Index index_of(const Rows *rows) {
    size_t size = 16;
    while (size < rows->count * 2) size *= 2;
    Index index = {rows, must(calloc(size, sizeof(uint32_t))), size - 1};
    for (size_t i = 0; i < rows->count; i++) {
        size_t slot = hash_of(rows->key[i]) & index.mask;
        while (index.slots[slot]) slot = (slot + 1) & index.mask;
        index.slots[slot] = (uint32_t)i + 1;
    }
    return index;
}

static ssize_t look_up(const Index *index, const char *key) {
    for (size_t slot = hash_of(key) & index->mask; index->slots[slot]; slot = (slot + 1) & index->mask)
        if (!strcmp(index->rows->key[index->slots[slot] - 1], key)) return (ssize_t)index->slots[slot] - 1;
    return -1;
}

static Rows contacts, locations, segments, events[2]; /* events: newest first, oldest first */
static int64_t *instants;                             /* of events[0] */
static Index contact_by_id, location_by_id;

static void load(const char *folder) {
    contacts = read_rows(folder, "contacts");
    locations = read_rows(folder, "locations");
    segments = read_rows(folder, "segments");
    events[0] = read_rows(folder, "events");
    if (!events[0].count) die("no events");
    events[1] = reversed(&events[0]);
    instants = must(calloc(events[0].count, sizeof *instants));
    for (size_t i = 0; i < events[0].count; i++) instants[i] = atoll(events[0].key[i]);
    contact_by_id = index_of(&contacts);
    location_by_id = index_of(&locations);
}

/* How many events are at or after an instant (or after it, where `strictly`). */
static size_t since(int64_t instant, int strictly) {
    size_t low = 0, high = events[0].count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (instants[middle] > instant || (!strictly && instants[middle] == instant)) low = middle + 1;
        else high = middle;
    }
    return low;
}

/* ---- connections ------------------------------------------------------------------------------------------------ */

typedef struct {
    int open, waiting, closing, blocked; /* waiting: for the delay; blocked: until the socket takes more */
    uint32_t turn;              /* tells a connection from one that had the same descriptor before */
    size_t got, sent, left;
    char in[REQUEST_MAX], head[512];
    const char *body, *tail; /* body lies in the records; tail is a literal */
    size_t head_size, body_size, tail_size;
} Connection;

typedef struct {
    int64_t due; /* nanoseconds of the monotonic clock */
    int fd;
    uint32_t turn;
} Held;

enum { SIGN_IN, SIGN_OUT, EVENTS, CONTACT, LOCATIONS, LOCATION, SEGMENTS, OTHER, KINDS };
static const char *const NAMES[KINDS] = {"signIn",    "signOut",  "events",   "contact",
                                         "locations", "location", "segments", "other"};

static uint64_t calls[KINDS];
static int64_t delay; /* nanoseconds */
static Connection *connections[MOST_CONNECTIONS];
static Held held[MOST_CONNECTIONS]; /* a ring: the delay is the same for all, so what comes first is due first */
static size_t held_first, held_count;
static int poll_fd, timer_fd;

static int64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static void arm(void) {
    struct itimerspec when = {0};
    if (held_count) {
        when.it_value.tv_sec = held[held_first].due / 1000000000;
        when.it_value.tv_nsec = held[held_first].due % 1000000000;
    }
    timerfd_settime(timer_fd, TFD_TIMER_ABSTIME, &when, NULL);
}

/* Wait for room to write, or for something to read. */
static void block(int fd, int blocked) {
    if (connections[fd]->blocked == blocked) return;
    connections[fd]->blocked = blocked;
    struct epoll_event event = {.events = blocked ? EPOLLOUT : EPOLLIN, .data.fd = fd};
    if (epoll_ctl(poll_fd, EPOLL_CTL_MOD, fd, &event)) die("epoll_ctl");
}

static void hang_up(int fd) {
    connections[fd]->open = 0;
    close(fd);
}

/* ---- answers ---------------------------------------------------------------------------------------------------- */

static void answer(Connection *c, int status, const char *opening, const char *body, size_t size, const char *closing) {
    size_t total = strlen(opening) + size + strlen(closing);
    c->head_size = (size_t)snprintf(
        c->head, sizeof c->head,
        "HTTP/1.1 %d %s\r\ncontent-type: application/json; charset=utf-8\r\ncontent-length: %zu\r\n\r\n%s", status,
        status == 200 ? "OK" : status == 401 ? "Unauthorized" : "Not Found", total, opening);
    c->body = body, c->body_size = size;
    c->tail = closing, c->tail_size = strlen(closing);
    c->sent = 0, c->left = c->head_size + c->body_size + c->tail_size;
}

static void answer_text(Connection *c, int status, const char *text) { answer(c, status, text, "", 0, ""); }

static void answer_rows(Connection *c, const Rows *rows, size_t first, size_t end, const char *name, const char *more) {
    char opening[256];
    size_t count = end > first ? end - first : 0;
    snprintf(opening, sizeof opening, "{\"generated\":\"2026-11-01T00:00:00Z\",\"count\":%zu,%s\"%s\":[", count, more, name);
    if (count) answer(c, 200, opening, rows->text + rows->begin[first], rows->end[end - 1] - rows->begin[first], "]}");
    else answer(c, 200, opening, "", 0, "]}");
}

static void answer_one(Connection *c, const Index *index, const char *id, const char *opening, const char *closing) {
    ssize_t row = look_up(index, id);
    if (row < 0) return answer_text(c, 404, REFUSED);
    const Rows *rows = index->rows;
    answer(c, 200, opening, rows->text + rows->begin[row], rows->end[row] - rows->begin[row], closing);
}

static void unquote(char *text) {
    char *to = text;
    for (; *text; text++, to++) {
        unsigned code;
        if (*text == '%' && sscanf(text + 1, "%2x", &code) == 1) *to = (char)code, text += 2;
        else *to = *text;
    }
    *to = 0;
}

static int64_t instant_of(const char *text) {
    struct tm parts = {0};
    return strptime(text, "%Y-%m-%dT%H:%M:%S", &parts) ? (int64_t)timegm(&parts) : 0;
}

static void answer_events(Connection *c, char *query) {
    size_t newest = 0, oldest = events[0].count, size = 20, at = SIZE_MAX;
    int ascending = 1, scrolling = 0;
    for (char *pair = strtok(query, "&"); pair; pair = strtok(NULL, "&")) {
        char *value = strchr(pair, '=');
        if (!value) continue;
        *value++ = 0;
        unquote(value);
        if (!strcmp(pair, "dateStart")) oldest = since(instant_of(value), 0);
        else if (!strcmp(pair, "dateEnd")) newest = since(instant_of(value), 1);
        else if (!strcmp(pair, "size")) size = strtoul(value, NULL, 10);
        else if (!strcmp(pair, "sortReverse")) ascending = strcmp(value, "true") != 0;
        else if (!strcmp(pair, "enableScroll")) scrolling = !strcmp(value, "true");
        else if (!strcmp(pair, "scrollId")) at = strtoul(value, NULL, 10);
    }
    size_t first = ascending ? events[0].count - oldest : newest, end = ascending ? events[0].count - newest : oldest;
    if (at != SIZE_MAX && at > first) first = at;
    if (first > end) first = end;
    size_t last = end - first > size ? first + size : end;
    char more[64] = "";
    if (scrolling && last > first) snprintf(more, sizeof more, "\"scrollId\":\"%zu\",", last);
    answer_rows(c, &events[ascending], first, last, "events", more);
}

static void answer_calls(Connection *c) {
    char text[400] = "{";
    for (int kind = 0; kind < KINDS; kind++)
        sprintf(text + strlen(text), "%s\"%s\":%llu", kind ? "," : "", NAMES[kind], (unsigned long long)calls[kind]);
    answer_text(c, 200, strcat(text, "}"));
}

/* What follows a prefix, when the path has it. */
static char *after(char *path, const char *prefix) {
    size_t size = strlen(prefix);
    return strncmp(path, prefix, size) ? NULL : path + size;
}

/* Answer a request; true when the answer is the stub's own and waits for nothing. */
static int route(Connection *c, char *method, char *target, int authorized) {
    char *query = strchr(target, '?'), *rest, *slash;
    if (query) *query++ = 0;
    else query = target + strlen(target);
    if (!strcmp(target, "/_bench/calls")) return answer_calls(c), 1;
    if (!strcmp(target, "/_bench/reset")) {
        memset(calls, 0, sizeof calls);
        delay = (rest = after(query, "delay=")) ? atoll(rest) * 1000000 : 0;
        return answer_text(c, 200, "{}"), 1;
    }
    int kind = OTHER;
    if (!strcmp(target, "/v1/sts/login/services")) {
        answer_text(c, 200, "{\"status\":\"OK\",\"token\":\"" TOKEN "\"}");
        kind = SIGN_IN;
    } else if (!strcmp(target, "/v1/sts/logout")) {
        answer_text(c, 200, "{\"status\":\"OK\"}");
        kind = SIGN_OUT;
    } else if (strcmp(method, "GET")) {
        answer_text(c, 404, REFUSED);
    } else if (!authorized) {
        answer_text(c, 401, REFUSED);
    } else if ((rest = after(target, "/v1/organizations/")) && (slash = strchr(rest, '/'))) {
        if (!strcmp(slash, "/events")) answer_events(c, query), kind = EVENTS;
        else if (!strcmp(slash, "/locations"))
            answer_rows(c, &locations, 0, locations.count, "locations", ""), kind = LOCATIONS;
        else answer_text(c, 404, REFUSED);
    } else if ((rest = after(target, "/v2/customers/"))) {
        answer_one(c, &contact_by_id, rest, "{\"totalCount\":1,\"count\":1,\"customers\":[", "]}");
        kind = CONTACT;
    } else if ((rest = after(target, "/v1/locations/"))) {
        answer_one(c, &location_by_id, rest, "{\"location\":", "}");
        kind = LOCATION;
    } else if (after(target, "/v2/segments/organizations/")) {
        answer_rows(c, &segments, 0, segments.count, "segments", "");
        kind = SEGMENTS;
    } else answer_text(c, 404, REFUSED);
    calls[kind]++;
    return 0;
}

/* ---- the loop --------------------------------------------------------------------------------------------------- */

/* Send what is left of an answer. False when the connection is gone. */
static int send_left(int fd) {
    Connection *c = connections[fd];
    const char *parts[3] = {c->head, c->body, c->tail};
    const size_t sizes[3] = {c->head_size, c->body_size, c->tail_size};
    while (c->left) {
        struct iovec vector[3];
        int used = 0;
        size_t skip = c->sent;
        for (int i = 0; i < 3; i++) {
            if (skip >= sizes[i]) {
                skip -= sizes[i];
                continue;
            }
            vector[used++] = (struct iovec){(char *)parts[i] + skip, sizes[i] - skip};
            skip = 0;
        }
        ssize_t wrote = writev(fd, vector, used);
        if (wrote < 0 && errno == EAGAIN) return block(fd, 1), 1;
        if (wrote < 0) return hang_up(fd), 0;
        c->sent += (size_t)wrote, c->left -= (size_t)wrote;
    }
    block(fd, 0);
    if (c->closing) return hang_up(fd), 0;
    return 1;
}

static int same_name(const char *line, const char *name) { return !strncasecmp(line, name, strlen(name)); }

/* Take requests out of what was received, one after the other. */
static void serve(int fd) {
    Connection *c = connections[fd];
    while (c->open && !c->waiting && !c->left) {
        char *end = memmem(c->in, c->got, "\r\n\r\n", 4);
        if (!end) {
            if (c->got == sizeof c->in) hang_up(fd);
            return;
        }
        size_t head = (size_t)(end - c->in) + 4, body = 0;
        int authorized = 0;
        *end = 0;
        for (char *line = strstr(c->in, "\r\n"); line; line = strstr(line, "\r\n")) {
            line += 2;
            if (same_name(line, "content-length:")) body = strtoul(line + 15, NULL, 10);
            else if (same_name(line, "authorization: bearer " TOKEN)) authorized = 1;
            else if (same_name(line, "connection: close")) c->closing = 1;
        }
        if (head + body > sizeof c->in) return hang_up(fd);
        if (c->got < head + body) {
            *end = '\r';
            return;
        }
        char *saved, *method = strtok_r(c->in, " ", &saved), *target = strtok_r(NULL, " ", &saved);
        if (!method || !target) return hang_up(fd);
        int at_once = route(c, method, target, authorized) || !delay;
        memmove(c->in, c->in + head + body, c->got -= head + body);
        if (at_once) {
            if (!send_left(fd)) return;
        } else {
            c->waiting = 1;
            held[(held_first + held_count++) % MOST_CONNECTIONS] = (Held){now() + delay, fd, c->turn};
            if (held_count == 1) arm();
        }
    }
}

static void let_go(void) {
    uint64_t ticks;
    (void)!read(timer_fd, &ticks, sizeof ticks);
    int64_t time = now();
    while (held_count && held[held_first].due <= time) {
        Held next = held[held_first];
        held_first = (held_first + 1) % MOST_CONNECTIONS, held_count--;
        Connection *c = connections[next.fd];
        if (!c->open || c->turn != next.turn) continue;
        c->waiting = 0;
        if (send_left(next.fd)) serve(next.fd);
    }
    arm();
}

static void receive(int fd) {
    Connection *c = connections[fd];
    if (c->got == sizeof c->in) return hang_up(fd); /* it sends on and on without reading an answer */
    ssize_t got = recv(fd, c->in + c->got, sizeof c->in - c->got, 0);
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) return hang_up(fd);
    c->got += (size_t)got;
    serve(fd);
}

static void welcome(int listener) {
    int fd, yes = 1;
    while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        if (fd >= MOST_CONNECTIONS) {
            close(fd);
            continue;
        }
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
        if (!connections[fd]) connections[fd] = must(calloc(1, sizeof(Connection)));
        Connection *c = connections[fd];
        c->open = 1, c->turn++;
        c->waiting = c->closing = c->blocked = 0;
        c->got = c->sent = c->left = 0;
        struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
        if (epoll_ctl(poll_fd, EPOLL_CTL_ADD, fd, &event)) die("epoll_ctl");
    }
}

int main(int count, char **arguments) {
    if (count != 3) return fprintf(stderr, "usage: stub PORT FOLDER\n"), 2;
    load(arguments[2]);
    int yes = 1, listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)atoi(arguments[1])),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    if (bind(listener, (struct sockaddr *)&address, size) || listen(listener, 4096)) die("listen");
    getsockname(listener, (struct sockaddr *)&address, &size);
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);

    poll_fd = epoll_create1(EPOLL_CLOEXEC);
    timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    for (int i = 0; i < 2; i++) {
        int fd = i ? timer_fd : listener;
        struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
        if (epoll_ctl(poll_fd, EPOLL_CTL_ADD, fd, &event)) die("epoll_ctl");
    }
    struct epoll_event ready[256];
    for (;;) {
        int found = epoll_wait(poll_fd, ready, 256, -1);
        for (int i = 0; i < found; i++) {
            int fd = ready[i].data.fd;
            if (fd == listener) welcome(listener);
            else if (fd == timer_fd) let_go();
            else if (!connections[fd]->open) continue;
            else if (ready[i].events & EPOLLOUT) {
                if (send_left(fd)) serve(fd);
            } else receive(fd);
        }
    }
}
