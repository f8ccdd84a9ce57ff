/* Loads a native library as a BEAM would and prints the entry that it hands out; no BEAM is needed. Every function of a BEAM is here, so that the
 * library can be bound, and none of them works: a library that calls one before it is asked to do anything is told so.
 *
 *   host LIBRARY
 *
 * Lines of this program's own begin with `plimsoll-nif: `, and the rest is JSON. Each step says that it begins, so that one who waits knows where
 * the program was when it died. Exit status: 0 the entry was printed, 1 failed and said why, 2 called wrongly.
 *
 * Written for C99 and POSIX, so that any C compiler makes it for any target; the layout of the entry is that of erl_nif.h since NIF 2.7. */

#include <dlfcn.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define MOST_FUNCTIONS 4096
#define MOST_NAME 255

static void say(const char *name, const char *value) {
    printf("plimsoll-nif: {\"%s\":\"%s\"}\n", name, value);
    fflush(stdout);
}

/* Writes text as the inside of a JSON string, or up to MOST_NAME bytes of it. */
static void put_text(const char *text, size_t most) {
    for (size_t i = 0; text[i] != '\0' && i < most; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c == '"' || c == '\\') {
            printf("\\%c", c);
        } else if (c < 0x20 || c == 0x7f) {
            printf("\\u%04x", c);
        } else {
            putchar(c);
        }
    }
}

static int failed(const char *code, const char *said) {
    printf("plimsoll-nif: {\"failed\":\"%s\",\"said\":\"", code);
    put_text(said == NULL ? "" : said, 2000);
    printf("\"}\n");
    fflush(stdout);
    return 1;
}

static void called(const char *name) {
    failed("called-early", name);
    _exit(1);
}

#define BEAM(name) void name(void) { called(#name); }
/* BEAM FUNCTIONS */

struct function {
    const char *name;
    unsigned arity;
    void *pointer;
    unsigned flags;
};

/* The members that every version since 2.7 has. */
struct entry {
    int major;
    int minor;
    const char *name;
    int number_of_functions;
    const struct function *functions;
    void *load;
    void *reload;
    void *upgrade;
    void *unload;
    const char *vm_variant;
    unsigned options;
};

static int print_entry(const struct entry *entry) {
    if (entry->name == NULL || entry->vm_variant == NULL || entry->number_of_functions < 0 || entry->number_of_functions > MOST_FUNCTIONS ||
        (entry->number_of_functions > 0 && entry->functions == NULL)) {
        return failed("entry", "the entry has no name, no VM variant, or an impossible number of functions");
    }
    printf("plimsoll-nif: {\"entry\":{\"major\":%d,\"minor\":%d,\"module\":\"", entry->major, entry->minor);
    put_text(entry->name, MOST_NAME);
    printf("\",\"variant\":\"");
    put_text(entry->vm_variant, MOST_NAME);
    printf("\",\"functions\":[");
    for (int i = 0; i < entry->number_of_functions; i++) {
        printf("%s{\"name\":\"", i == 0 ? "" : ",");
        put_text(entry->functions[i].name == NULL ? "" : entry->functions[i].name, MOST_NAME);
        printf("\",\"arity\":%u,\"flags\":%u}", entry->functions[i].arity, entry->functions[i].flags);
    }
    printf("]}}\n");
    printf("plimsoll-nif: {\"passed\":true}\n");
    fflush(stdout);
    return 0;
}

int main(int count, char **words) {
    if (count != 2) {
        fprintf(stderr, "usage: %s LIBRARY\n", count > 0 ? words[0] : "host");
        return 2;
    }
    say("stage", "open");
    void *library = dlopen(words[1], RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) {
        const char *said = dlerror();
        int symbol = said != NULL && (strstr(said, "undefined symbol") != NULL || strstr(said, "symbol not found") != NULL);
        return failed(symbol ? "symbol" : "library", said);
    }
    /* A pointer to data is not a pointer to code in C; POSIX has them alike, and this way of saying so is the one that it asks for. */
    const struct entry *(*nif_init)(void);
    *(void **)&nif_init = dlsym(library, "nif_init");
    if (nif_init == NULL) {
        return failed("no-way-in", dlerror());
    }
    say("stage", "init");
    const struct entry *entry = nif_init();
    say("stage", "entry");
    return entry == NULL ? failed("entry", "nif_init gave no entry") : print_entry(entry);
}
