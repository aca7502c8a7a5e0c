/// The order in which files of a folder come and go.
#pragma once

#include <array>
#include <stdexcept>
#include <string>
#include <sys/inotify.h>
#include <unistd.h>
#include <vector>

class folder_watch {
public:
  explicit folder_watch(const std::string& folder)
    : fd_(::inotify_init1(IN_NONBLOCK)) {
    auto events = IN_CREATE | IN_DELETE | IN_MOVE;
    if (::inotify_add_watch(fd_, folder.c_str(), events) < 0)
      throw std::runtime_error("cannot watch " + folder);
  }

  ~folder_watch() {
    ::close(fd_);
  }

  folder_watch(const folder_watch&) = delete;
  folder_watch& operator=(const folder_watch&) = delete;

  /// What happened: `+NAME` came, `-NAME` went.
  std::vector<std::string> seen() {
    std::vector<std::string> result;
    alignas(inotify_event) std::array<char, 4096> bytes{};
    for (ssize_t n; (n = ::read(fd_, bytes.data(), bytes.size())) > 0;)
      for (auto at = bytes.data(); at < bytes.data() + n;) {
        auto event = reinterpret_cast<const inotify_event*>(at);
        auto gone = (event->mask & (IN_DELETE | IN_MOVED_FROM)) != 0;
        result.push_back((gone ? "-" : "+") + std::string{event->name});
        at += sizeof(inotify_event) + event->len;
      }
    return result;
  }

private:
  int fd_;
};
