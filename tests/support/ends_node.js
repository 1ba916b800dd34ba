// ends_node.js: an end of a GSS-API context (see ends.py) in Node, through npm's `kerberos` module, which
// NODE_PATH finds. The module knows neither MICs nor channel bindings, its server no messages, and what its
// client wraps is SASL's answer (RFC 4752 3.1) to a message of four bytes: wrap CONF MESSAGE USER.
// Besides: check USER PASSWORD SERVICE REALM (a password), details SERVICE HOST (what the keytab has).
'use strict';
const kerberos = require('kerberos');
const lines = require('readline').createInterface({ input: process.stdin });
const MECHS = { krb5: kerberos.GSS_MECH_OID_KRB5, spnego: kerberos.GSS_MECH_OID_SPNEGO };
let end, target, flags;

const calls = {
  async init(mech, wanted, service) {
    flags = parseInt(wanted, 16);
    end = await kerberos.initializeClient(service, { mechOID: MECHS[mech], flags });
    target = service;
  },
  async accept(_bindings, service = '') {
    end = await kerberos.initializeServer(service);
  },
  async step(token) {
    await end.step(token);
    return [end.response || '', end.contextComplete ? '1' : '0'];
  },
  async facts() {
    return ['0', end.username, end.targetName || target || '', ''];
  },
  async wrap(conf, message, user) {
    return [await end.wrap(message, { protect: conf === '1', user })];
  },
  async unwrap(token) {
    const message = (await end.unwrap(token)) || '';
    return [end.responseConf ? '1' : '0', message];
  },
  async check(user, password, service, realm) {
    await kerberos.checkPassword(user, password, service, realm);
  },
  async details(service, host) {
    return [await kerberos.principalDetails(service, host)];
  },
};

(async () => {
  for await (const line of lines) {
    const [call, ...words] = line.split('\t');
    try {
      console.log(['ok', ...((await calls[call](...words)) || [])].join('\t'));
    } catch (e) {
      console.log('failed\t' + String(e.message).replace(/\s+/g, ' '));
    }
  }
})();
