# Toolchain file: cross compiles for AArch64 with Debian's compiler.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++)

# Boost's headers are the same for every machine, but /usr/include as a whole is the host's. So the compiler gets a folder
# that contains nothing but a link to them.
file(MAKE_DIRECTORY "${CMAKE_BINARY_DIR}/boost-headers")
file(CREATE_LINK /usr/include/boost "${CMAKE_BINARY_DIR}/boost-headers/boost" SYMBOLIC)
set(Boost_NO_BOOST_CMAKE ON)
set(Boost_INCLUDE_DIR "${CMAKE_BINARY_DIR}/boost-headers")
