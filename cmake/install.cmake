# `cmake --install` gives the program, the library, its headers and a package that find_package(Forger) finds.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

install(TARGETS forger EXPORT ForgerTargets
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(TARGETS forger_program RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(DIRECTORY include/forger DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(DIRECTORY recipes/ DESTINATION ${CMAKE_INSTALL_DATADIR}/forger/recipes FILES_MATCHING PATTERN "*.toml")
install(EXPORT ForgerTargets NAMESPACE Forger:: DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/Forger)
configure_package_config_file(cmake/ForgerConfig.cmake.in ${PROJECT_BINARY_DIR}/ForgerConfig.cmake
  INSTALL_DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/Forger)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/ForgerConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/ForgerConfig.cmake ${PROJECT_BINARY_DIR}/ForgerConfigVersion.cmake
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/Forger)
