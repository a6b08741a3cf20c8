// A skill of the official Node SDK that asks Alexa's interfaces with the SDK's own clients, and says what it was told.
const Alexa = require('ask-sdk-core');
const { ExpressAdapter } = require('ask-sdk-express-adapter');
const express = require('express');

async function told(asking) {
  try {
    return String(JSON.stringify(await asking));
  } catch (error) {
    return `${error.statusCode} ${JSON.stringify(error.response)}`;
  }
}

const AskHandler = {
  canHandle() {
    return true;
  },
  async handle({ requestEnvelope, serviceClientFactory, responseBuilder }) {
    const { requestId } = requestEnvelope.request;
    const { deviceId } = requestEnvelope.context.System.device;
    const ups = serviceClientFactory.getUpsServiceClient();
    const directives = serviceClientFactory.getDirectiveServiceClient();
    const directive = { type: 'VoicePlayer.Speak', speech: 'Let me ask.' };
    const heard = [
      await told(directives.enqueue({ header: { requestId }, directive })),
      await told(ups.getSystemTimeZone(deviceId)),
      await told(ups.getProfileEmail()),
      await told(ups.getProfileName()),
      await told(serviceClientFactory.getDeviceAddressServiceClient().getCountryAndPostalCode(deviceId)),
    ];
    return responseBuilder.speak(heard.join(' | ')).getResponse();
  },
};

const skill = Alexa.SkillBuilders.custom()
  .addRequestHandlers(AskHandler)
  .withApiClient(new Alexa.DefaultApiClient())
  .withSkillId(process.env.SKILL_ID)
  .create();

const app = express();
app.post('/', new ExpressAdapter(skill, true, true).getRequestHandlers());
app.listen(process.env.PORT, '127.0.0.1');
