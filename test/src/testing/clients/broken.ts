console.log('about to break');
throw new Error('no configuration');
