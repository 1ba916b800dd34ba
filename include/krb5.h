// krb5.h: the name under which programs include <krb5/krb5.h>.
#ifndef KRB5_H_INCLUDED
#define KRB5_H_INCLUDED
#include <krb5/krb5.h>
#endif
