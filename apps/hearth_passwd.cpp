// Adds, changes and removes users in the file of users. The password is read
// from standard input, because everyone can see a command line.

#include <exception>
#include <filesystem>
#include <iostream>
#include <string>
#include <termios.h>
#include <unistd.h>
#include <vector>

#include "store/files/users_file.hpp"

namespace {

using hearth::users_error;

constexpr int wrong_use = 2;

constexpr const char* usage = R"(Usage: hearth-passwd FILE NAME [PERMISSIONS]
       hearth-passwd --delete FILE NAME

Adds a user to the file of hearth.access.users, or changes its password and
permissions, or removes it. The password is the first line of standard input.
PERMISSIONS are names such as "jobs,contexts:read"; without it a new user may do
everything (*), and a user that is there keeps its own. Who has jobs:start or
contexts:start can run code as the user of the server.
)";

/// Keeps a terminal from showing typed characters while this object lives.
class silence {
public:
  silence() {
    if (::tcgetattr(STDIN_FILENO, &before_) != 0)
      return;
    auto quiet = before_;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    silent_ = ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet) == 0;
    std::cerr << "Password: " << std::flush;
  }

  ~silence() {
    if (silent_)
      ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
    if (::isatty(STDIN_FILENO) != 0)
      std::cerr << '\n';
  }

  silence(const silence&) = delete;
  silence& operator=(const silence&) = delete;

private:
  termios before_{};
  bool silent_ = false;
};

std::string read_password() {
  silence quiet;
  std::string result;
  std::getline(std::cin, result);
  return result;
}

hearth::user_map users_of(const std::filesystem::path& file) {
  return std::filesystem::exists(file) ? hearth::read_users(file)
                                       : hearth::user_map{};
}

void remove(const std::filesystem::path& file, const std::string& name) {
  auto users = hearth::read_users(file);
  if (users.erase(name) == 0)
    throw users_error{"there is no user " + name};
  hearth::write_users(file, users);
}

void put(const std::filesystem::path& file, const std::string& name,
         const std::string& permissions) {
  if (!hearth::is_user_name(name))
    throw users_error{"a name has no blank, no colon and no # at its start"};
  if (!hearth::conf::parse_permissions(permissions)
      || permissions.find('\n') != std::string::npos)
    throw users_error{"one of these permissions is not known: " + permissions};
  auto users = users_of(file);
  auto& x = users[name];
  x.hash = hearth::hash_password(read_password());
  if (!permissions.empty() || x.permissions.empty())
    x.permissions = permissions.empty() ? "*" : permissions;
  hearth::write_users(file, users);
}

} // namespace

int main(int argc, char** argv) {
  std::vector<std::string> words{argv + 1, argv + argc};
  try {
    if (words == std::vector<std::string>{"--help"})
      std::cout << usage;
    else if (words.size() == 3 && words[0] == "--delete")
      remove(words[1], words[2]);
    else if ((words.size() == 2 || words.size() == 3)
             && !words[0].starts_with("--"))
      put(words[0], words[1], words.size() == 3 ? words[2] : "");
    else
      return std::cerr << usage, wrong_use;
    return 0;
  } catch (const std::exception& e) {
    std::cerr << "hearth-passwd: " << e.what() << '\n';
    return 1;
  }
}
