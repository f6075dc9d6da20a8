//! Ordinary programs work in a sandbox, with all that the filter of system calls closes.

mod common;

use common::{Job, text};
use nosana_sandbox::Limits;

/// Runs a line in a sandbox, if it has these programs, and checks what the line prints.
fn check_line(programs: &[&str], line: &str, expected: &str) {
    let job = Job::new();
    for program in programs {
        if !job.sh(&format!("command -v {program}")).succeeded() {
            println!("skipped: {program} is not installed");
            return;
        }
    }

    // The default time is long enough for a compiler on a busy machine.
    let outcome = job.run(&["/bin/bash", "-euo", "pipefail", "-c", line], "", Limits::default());
    assert_eq!((outcome.exit_code, text(&outcome).as_str()), (Some(0), expected), "{outcome:?}");
}

#[test]
fn a_shell_runs_pipelines_and_jobs() {
    let line = "seq 1000 | sort -rn | awk '{ s += $1 } END { print s }'; \
                cat <(echo one) <(echo two); (sleep 0.05; echo last) & wait; \
                coproc cat; echo back >&${COPROC[1]}; read -r word <&${COPROC[0]}; echo $word; \
                mkfifo pipe; echo through > pipe & cat pipe; \
                timeout 0.1 sleep 20 || echo $?";
    check_line(&["awk", "mkfifo"], line, "500500\none\ntwo\nlast\nback\nthrough\n124\n");
}

#[test]
fn python_runs_threads_processes_and_a_database() {
    let program = "\
import asyncio, ctypes, multiprocessing, sqlite3, subprocess, tempfile, threading, time
total = []
threads = [threading.Thread(target=total.append, args=(i,)) for i in range(20)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(sum(total))
print(subprocess.run(['tr', 'a-z', 'A-Z'], input=b'process', stdout=-1).stdout.decode())
base = sqlite3.connect('/work/base')
base.execute('create table t (n)')
base.executemany('insert into t values (?)', [(i,) for i in range(100)])
base.commit()
print(base.execute('select sum(n) from t').fetchone()[0])
async def read():
    process = await asyncio.create_subprocess_exec('echo', 'async', stdout=-1)
    return (await process.communicate())[0].decode().strip()
print(asyncio.run(read()))
with multiprocessing.Pool(2) as pool: print(pool.map(abs, [-1, -2]))
print(len(tempfile.TemporaryDirectory().name) > 0, time.monotonic() > 0)
";
    let line = format!("cat > program.py <<'END'\n{program}END\npython3 program.py");
    check_line(&["python3"], &line, "190\nPROCESS\n4950\nasync\n[1, 2]\nTrue True\n");
}

#[test]
fn names_are_resolved() {
    check_line(&["getent"], "getent hosts localhost | cut -d' ' -f1", "::1\n");

    let serve = "import socket, threading\n\
                 s = socket.create_server(('localhost', 0))\n\
                 port = s.getsockname()[1]\n\
                 threading.Thread(target=lambda: s.accept()[0].sendall(b'served')).start()\n\
                 found = socket.getaddrinfo('localhost', port, type=socket.SOCK_STREAM)\n\
                 print(len(found) > 0, len(socket.if_nameindex()) > 0)\n\
                 print(socket.create_connection(('localhost', port)).recv(9).decode())";
    check_line(&["python3"], &format!("python3 -c \"{serve}\""), "True True\nserved\n");
}

#[test]
fn git_commits_and_clones() {
    let line = "git init -q one; cd one; git config user.email a@b.c; git config user.name name; \
                seq 1000 > file; git add file; git commit -q -m first; git gc -q; cd ..; \
                git clone -q one two; git -C two log --format=%s; wc -l < two/file";
    check_line(&["git"], line, "first\n1000\n");
}

#[test]
fn a_compiler_builds_a_program_that_runs() {
    let source = "#include <pthread.h>\n#include <stdio.h>\n\
                  static void *work(void *at) { *(int *)at = 42; return at; }\n\
                  int main(void) { pthread_t t; int n = 0; pthread_create(&t, 0, work, &n); \
                  pthread_join(t, 0); printf(\"%d\\n\", n); }\n";
    let line = format!("cat > a.c <<'END'\n{source}END\ncc -O1 -pthread -pipe a.c -o a && ./a");
    check_line(&["cc"], &line, "42\n");
}

#[test]
fn node_reads_files_and_starts_processes() {
    let program = "const { execFileSync } = require('child_process');\
                   const { Worker } = require('worker_threads');\
                   require('fs').promises.readFile('/etc/hostname').catch(() => {});\
                   console.log(execFileSync('echo', ['process']).toString().trim());\
                   new Worker('require(\"worker_threads\").parentPort.postMessage(7)', \
                   { eval: true }).on('message', (n) => console.log(n));";
    check_line(
        &["node"],
        &format!("cat > program.js <<'END'\n{program}\nEND\nnode program.js"),
        "process\n7\n",
    );
}

#[test]
fn java_compiles_and_runs() {
    let source = "public class A { public static void main(String[] a) throws Exception { \
                  Thread t = new Thread(() -> System.out.println(\"thread\")); \
                  t.start(); t.join(); \
                  java.security.MessageDigest.getInstance(\"SHA-256\"); } }";
    let line = format!("echo '{source}' > A.java; javac A.java && java A");
    check_line(&["javac"], &line, "thread\n");
}

#[test]
fn services_have_names() {
    if !std::path::Path::new("/etc/services").exists() {
        println!("skipped: this host has no /etc/services");
        return;
    }
    check_line(&["getent"], "getent services https | tr -s ' '", "https 443/tcp\n");
}

#[test]
fn a_terminal_can_be_opened() {
    check_line(
        &["script"],
        "script -qec 'test -t 1 && echo terminal' /dev/null | tr -d '\\r'",
        "terminal\n",
    );
}
