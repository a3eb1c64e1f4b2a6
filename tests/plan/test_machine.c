/* What the kernel says of memory, read from texts as it writes them. */
#include "check.h"
#include "netrun/plan.h"

#include "../../src/plan/machine.h"

static const char meminfo[] = "MemTotal:       24606520 kB\n"
                              "MemFree:          812344 kB\n"
                              "MemAvailable:   23170348 kB\n"
                              "Active(file):     129876 kB\n"
                              "HugePages_Total:       3\n";

static void numbers_of_meminfo(void **state) {
    (void)state;
    size_t number = 0;
    assert_true(machine_number(meminfo, "MemAvailable", &number));
    assert_int_equal(number, 23170348ull * 1024);
    assert_true(machine_number(meminfo, "MemTotal", &number));
    assert_int_equal(number, 24606520ull * 1024);
    assert_true(machine_number(meminfo, "HugePages_Total", &number));
    assert_int_equal(number, 3);
    assert_false(machine_number(meminfo, "Mem", &number));
    assert_false(machine_number(meminfo, "Free", &number));
    assert_false(machine_number("MemAvailable: none kB\n", "MemAvailable", &number));
    assert_false(machine_number("MemAvailable", "MemAvailable", &number));
    assert_false(machine_number("", "MemAvailable", &number));
    assert_false(machine_number("MemAvailable: 18446744073709551615 kB", "MemAvailable", &number));
}

static void numbers_of_memory_stat(void **state) {
    (void)state;
    const char stat[] = "anon 1314816\ninactive_anon 5\nfile 88\ninactive_file 77\n"
                        "total_inactive_file 99";
    size_t number = 0;
    assert_true(machine_number(stat, "inactive_file", &number));
    assert_int_equal(number, 77);
    assert_true(machine_number(stat, "total_inactive_file", &number));
    assert_int_equal(number, 99);
}

static void limits(void **state) {
    (void)state;
    size_t limit = 0;
    assert_true(machine_limit("2147483648\n", &limit));
    assert_int_equal(limit, 2147483648u);
    assert_true(machine_limit("9223372036854771712\n", &limit));
    assert_int_equal(limit, 9223372036854771712u);
    assert_false(machine_limit("max\n", &limit));
    assert_false(machine_limit("", &limit));
}

static void folders_of_cgroups(void **state) {
    (void)state;
    const char both[] = "12:pids:/user.slice\n"
                        "5:cpu,memory,blkio:/docker/abc\n"
                        "1:name=systemd:/init.scope\n"
                        "0::/system.slice/ssh: 1\n";
    char folder[64];
    assert_true(machine_cgroup(both, "memory", folder, sizeof folder));
    assert_string_equal(folder, "/docker/abc");
    assert_true(machine_cgroup(both, "", folder, sizeof folder));
    assert_string_equal(folder, "/system.slice/ssh: 1");
    assert_true(machine_cgroup("0::/\n", "", folder, sizeof folder));
    assert_string_equal(folder, "/");
    assert_false(machine_cgroup("0::/\n", "memory", folder, sizeof folder));
    assert_false(machine_cgroup("3:memory2:/x\n4:mem:/x\n", "memory", folder, sizeof folder));
    assert_false(machine_cgroup(both, "memory", folder, 11));
    assert_false(machine_cgroup("nonsense\n4:memory\n", "memory", folder, sizeof folder));
    assert_false(machine_cgroup("", "", folder, sizeof folder));
}

static void room_of_a_group(void **state) {
    (void)state;
    assert_int_equal(machine_room(1000, 400, 0), 600);
    assert_int_equal(machine_room(1000, 400, 150), 750);
    assert_int_equal(machine_room(1000, 1200, 300), 100);
    assert_int_equal(machine_room(1000, 1200, 0), 0);
    assert_int_equal(machine_room(1000, 100, 300), 1000);
}

/* This machine has some, and less than a petabyte. */
static void this_machine(void **state) {
    (void)state;
    size_t memory = plan_machine_memory();
    assert_true(memory > 1u << 20);
    assert_true(memory < (size_t)1 << 50);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_of_meminfo),
        cmocka_unit_test(numbers_of_memory_stat),
        cmocka_unit_test(limits),
        cmocka_unit_test(folders_of_cgroups),
        cmocka_unit_test(room_of_a_group),
        cmocka_unit_test(this_machine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
