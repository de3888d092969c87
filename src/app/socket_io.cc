#include "app/socket_io.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "io/file.h"

namespace weir::app {
namespace {

constexpr int kBacklog = 16;

struct Address {
  Descriptor folder;  // the address is valid as long as this is open
  sockaddr_un socket{};
};

Result<Address> address_of(const std::string& folder, const std::string& name) {
  Address address;
  address.folder = Descriptor(::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (address.folder.get() < 0)
    return tl::unexpected(io::errno_error(errno, "cannot open " + folder));
  address.socket.sun_family = AF_UNIX;
  const std::string path = fmt::format("/proc/self/fd/{}/{}", address.folder.get(), name);
  if (path.size() >= sizeof address.socket.sun_path) {
    return error(Code::kLimit, "the name of a socket is too long: {}", name);
  }
  std::memcpy(address.socket.sun_path, path.c_str(), path.size() + 1);
  return address;
}

Result<Descriptor> new_socket() {
  const int number = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (number < 0) return tl::unexpected(io::errno_error(errno, "cannot make a socket"));
  return Descriptor(number);
}

Status wait_for(int descriptor, short events, std::chrono::milliseconds wait) {
  pollfd entry{descriptor, events, 0};
  int ready = 0;
  do {
    ready = ::poll(&entry, 1, static_cast<int>(wait.count()));
  } while (ready < 0 && errno == EINTR);
  if (ready > 0) return {};
  return error(Code::kUnavailable, "nothing came in {} s",
               std::chrono::duration_cast<std::chrono::seconds>(wait).count());
}

}  // namespace

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  if (this != &other) {
    if (number_ >= 0) ::close(number_);
    number_ = other.release();
  }
  return *this;
}

Descriptor::~Descriptor() {
  if (number_ >= 0) ::close(number_);
}

Result<Descriptor> bind_socket(const std::string& folder, const std::string& name) {
  WEIR_TRY(const Address address, address_of(folder, name));
  WEIR_TRY(Descriptor socket, new_socket());
  const auto* generic = reinterpret_cast<const sockaddr*>(&address.socket);
  if (::bind(socket.get(), generic, sizeof address.socket) != 0) {
    return tl::unexpected(io::errno_error(errno, fmt::format("cannot bind {}/{}", folder, name)));
  }
  // Nobody can connect before listen(), so there is no moment at which others could.
  if (::chmod(address.socket.sun_path, 0600) != 0 || ::listen(socket.get(), kBacklog) != 0) {
    return tl::unexpected(
        io::errno_error(errno, fmt::format("cannot listen at {}/{}", folder, name)));
  }
  return socket;
}

Result<Descriptor> connect_socket(const std::string& folder, const std::string& name) {
  WEIR_TRY(const Address address, address_of(folder, name));
  WEIR_TRY(Descriptor socket, new_socket());
  const auto* generic = reinterpret_cast<const sockaddr*>(&address.socket);
  if (::connect(socket.get(), generic, sizeof address.socket) == 0) return socket;
  if (errno == ECONNREFUSED || errno == ENOENT) {
    return error(Code::kNotFound, "nobody listens at {}/{}", folder, name);
  }
  return tl::unexpected(
      io::errno_error(errno, fmt::format("cannot connect to {}/{}", folder, name)));
}

Result<std::string> read_line(int descriptor, std::size_t bytes_max,
                              std::chrono::milliseconds wait) {
  std::string line;
  char buffer[4096];
  for (;;) {
    WEIR_RETURN_IF_ERROR(wait_for(descriptor, POLLIN, wait));
    const ssize_t got = ::read(descriptor, buffer, sizeof buffer);
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (got <= 0) return error(Code::kUnavailable, "the other side hung up");
    line.append(buffer, static_cast<std::size_t>(got));
    const std::size_t end = line.find('\n');
    if (end != std::string::npos) return line.substr(0, end);
    if (line.size() > bytes_max)
      return error(Code::kLimit, "a line of more than {} bytes", bytes_max);
  }
}

Status write_line(int descriptor, std::string_view line, std::chrono::milliseconds wait) {
  std::string text(line);
  text += '\n';
  std::string_view left = text;
  while (!left.empty()) {
    WEIR_RETURN_IF_ERROR(wait_for(descriptor, POLLOUT, wait));
    const ssize_t sent = ::send(descriptor, left.data(), left.size(), MSG_NOSIGNAL);
    if (sent < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (sent < 0) return error(Code::kUnavailable, "the other side hung up");
    left.remove_prefix(static_cast<std::size_t>(sent));
  }
  return {};
}

}  // namespace weir::app
