# Lays down brood.ini where there is none. What is there belongs to the administrator and is never written over.
# From conf/CMakeLists.txt: sample, and prefix, sysconfdir, full_sysconfdir as configured.
if(CMAKE_INSTALL_PREFIX STREQUAL prefix OR IS_ABSOLUTE "${sysconfdir}")
    set(directory "${full_sysconfdir}/brood")
elseif(CMAKE_INSTALL_PREFIX STREQUAL "/usr") # cmake --install ... --prefix: as GNUInstallDirs does it
    set(directory "/${sysconfdir}/brood")
elseif(CMAKE_INSTALL_PREFIX MATCHES "^/opt/.")
    set(directory "/${sysconfdir}${CMAKE_INSTALL_PREFIX}/brood")
else()
    set(directory "${CMAKE_INSTALL_PREFIX}/${sysconfdir}/brood")
endif()

# The program looks where it was configured to, wherever it is put.
if(NOT directory STREQUAL "${full_sysconfdir}/brood")
    message(STATUS "${directory}/brood.ini: brood does not read it: it looks for ${full_sysconfdir}/brood/brood.ini. "
                   "Configure with -DCMAKE_INSTALL_PREFIX=${CMAKE_INSTALL_PREFIX} instead of installing with --prefix")
endif()

if(EXISTS "$ENV{DESTDIR}${directory}/brood.ini" OR IS_SYMLINK "$ENV{DESTDIR}${directory}/brood.ini")
    message(STATUS "Kept as it is: $ENV{DESTDIR}${directory}/brood.ini")
else()
    file(INSTALL "${sample}" DESTINATION "${directory}" RENAME brood.ini) # minds DESTDIR
endif()
