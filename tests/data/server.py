"""A mirror with moods, for test_fetch.sh: server.py FOLDER LOG PORT_FILE.

/good/NAME sends the file, from the byte that is asked for. /cut/NAME breaks off after half of the file, the first
time. /wrong/NAME sends other bytes of the same length. /norange/NAME always begins at the beginning. /none/NAME
refuses. Every request becomes a line in LOG: mood, name, first byte.
"""
import http.server
import os
import re
import sys

folder, log, port_file = sys.argv[1:]


class Mirror(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        mood, name = self.path.strip("/").split("/", 1)
        asked = re.match(r"bytes=(\d+)-", self.headers.get("Range", ""))
        start = int(asked.group(1)) if asked else 0
        with open(log, "a") as out:
            out.write(f"{mood} {name} {start}\n")
        if mood == "none":
            return self.send_error(403)
        with open(os.path.join(folder, name), "rb") as file:
            whole = file.read()
        if mood == "wrong":
            whole = bytes(255 - byte for byte in whole)
        if mood == "norange":
            start = 0
        if start >= len(whole) and start > 0:
            return self.send_error(416)
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(whole) - 1}/{len(whole)}")
        self.send_header("Content-Length", str(len(whole) - start))
        self.end_headers()
        cut = mood == "cut" and not start
        self.wfile.write(whole[start : len(whole) // 2 if cut else len(whole)])
        self.close_connection = self.close_connection or cut


class Server(http.server.ThreadingHTTPServer):
    def handle_error(self, *_):
        """Clients hang up; that is what is tested."""


server = Server(("127.0.0.1", 0), Mirror)
with open(port_file + ".new", "w") as out:
    out.write(str(server.server_address[1]))
os.rename(port_file + ".new", port_file)
server.serve_forever()
